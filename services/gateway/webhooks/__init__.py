"""Events pushed to those who do not listen: signed, tried again, and given up with a note."""
