"""Kafka's part played in one process, with a journal on the disk: the demo, the studio without servers, tests."""
