"""How the bundled family, its style plates and the samples are made; no service imports it."""
