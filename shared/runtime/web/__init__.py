"""Going out to the web and not being lured into the private network: one guarded fetcher for all services."""
