"""What stands behind the product, indoors and out."""
