"""Procedural materials: 1 unit is 10 cm; every use lands on another spot of its endless pattern."""
