"""At least once: what a failure means, who tries again, letters, and offsets that follow answers."""
