"""How pictures are measured by those who make them and those who teach to: pixels alone, no torch."""
