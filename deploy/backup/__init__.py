"""Copies of what an installation keeps in Kafka and in its bucket, and the way back; PostgreSQL has its own tools."""
