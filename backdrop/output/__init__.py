"""What came out: a folder of results, and the page that shows it."""
