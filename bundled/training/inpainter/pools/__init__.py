"""What the inpainter learns from, on its way from the pictures that are drawn to batches on a device."""
