"""What is measured on a finished picture, and the order a brand sees it in. Pixels only, no torch."""
