"""The sixth service: HTTP, server-sent events and webhooks over the same topics. It holds no truth of its own."""
