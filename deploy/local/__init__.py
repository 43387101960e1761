"""The whole stack as processes of one machine, for where no Docker daemon answers."""
