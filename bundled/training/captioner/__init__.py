"""Trains models/mini-captioner."""
