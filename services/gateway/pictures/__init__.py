"""Pictures on their way to a page: bounded work on them, small ones, links, samples, clicks on a mask."""
