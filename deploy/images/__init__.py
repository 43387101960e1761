"""The images where no Docker daemon answers: the same steps into an empty folder, the service started from there."""
