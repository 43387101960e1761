"""How Backdrop is put on machines: provisioning, local processes, containers, Kubernetes, the embedded mode."""
