"""What the pixels of a photo tell: how it looks, whether it is several photos, which others it is like."""
