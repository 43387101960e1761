"""Grounds and tiles: what a product stands on, laid down in perspective or seen from above."""
