"""The HTTP side: who may come in, what they may ask, and how errors are worded. FastAPI lives here alone."""
