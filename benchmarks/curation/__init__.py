"""What the curator costs: to write down what it hears, and to release a dataset."""
