"""What services say to each other. pydantic, numpy and Pillow only; no I/O, no torch."""
