"""The scene studio: draws the product scenes that the bundled family learns from. Needs its own environment (`make scenes`)."""
