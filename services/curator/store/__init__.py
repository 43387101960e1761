"""The catalogue over SQL: what is written down while events come in, what releasing reads and writes."""
