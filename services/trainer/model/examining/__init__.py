"""How good a model is, and what people see of its run: questions, critics, pictures, curves."""
