"""What every service has in common: `contracts` (what they say) and `runtime` (how they say it)."""
