"""What people like, and the styles, plates and options that it speaks of."""
