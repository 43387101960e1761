"""One command for each of the bundled weights."""
