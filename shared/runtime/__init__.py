"""How services say it: Kafka, blobs, failures, metrics, logs and health. Imported by `app.py` files only."""
