"""The gateway's routes as functions: arguments in, a request with how to read its answer out. Pure."""
