"""Trains models/mini-segmenter."""
