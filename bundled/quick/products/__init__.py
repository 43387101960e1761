"""Goods of many shapes, from their outlines to painted pixels with exact alpha."""
