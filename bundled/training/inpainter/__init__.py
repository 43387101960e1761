"""Trains models/mini-inpainter."""
