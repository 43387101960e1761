"""What leaves the system for a shop or an ad account: pictures in slot sizes, and a feed."""
