"""What is it, and what stands behind it?

Hears product.segmented; says product.captioned: what the product is, what stands behind it, and scene ideas for it.
Guarantees: refused photos pass through uncaptioned; the same event gets the same words, once.
"""
