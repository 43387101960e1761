"""The gateway's database: a projection of the topics, and the few things that are only its own."""
