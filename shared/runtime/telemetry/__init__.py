"""What is seen of a service from outside: metrics, spans, logs without secrets."""
