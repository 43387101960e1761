"""Where light comes from and what it leaves: shadows, reflections, a lit podium."""
