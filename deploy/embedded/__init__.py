"""All five services in one process: in-memory broker, a folder for blobs, SQLite. For a first look and for tests."""
