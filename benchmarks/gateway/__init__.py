"""The gateway's API calls under 200 pages with live progress, each beside a bare FastAPI route with the same answer."""
