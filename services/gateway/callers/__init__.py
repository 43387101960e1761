"""Who asks: keys, sessions, tenants, and how much each may ask."""
