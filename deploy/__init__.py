"""How Backdrop is put on machines: provisioning, local processes, containers, the embedded mode."""
