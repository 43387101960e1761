"""The style plates: what is on disk, what each shows, and which answers a wish best."""
