"""Released datasets: which samples, as which members of which shards, under which version."""
