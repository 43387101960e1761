"""One run without servers: photos through the five services in this process, a page of results at the end."""
