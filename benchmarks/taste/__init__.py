"""A simulation of the taste loop: people with a taste click, one arm learns what they like, the other does not."""
