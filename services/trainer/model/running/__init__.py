"""The one loop, its checkpoints, and the processes that go through it in step."""
