"""An order is drawn by workers that may be killed, and packed into shards."""
