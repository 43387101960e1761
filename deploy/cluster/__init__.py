"""A real control plane with real KEDA and pretended GPU nodes, as processes of one machine: it proves the manifests."""
