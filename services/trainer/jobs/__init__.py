"""How jobs are worked off: the runner, the ledger with its leases, and the checkpoints in the store."""
