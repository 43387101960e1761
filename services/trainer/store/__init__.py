"""What the trainer keeps in the blob store: datasets it reads, models it registers, points to start from."""
