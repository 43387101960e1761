"""The pages in a real browser, one for all of these tests."""
