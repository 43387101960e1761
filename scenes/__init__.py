"""The scene studio: draws the product scenes that the bundled family learns from. Has its own environment."""
