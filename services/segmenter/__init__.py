"""Which pixels are the product?

Hears product.submitted, says product.segmented: once per photo and wish, with a mask in the photo's own size or
the reason why the photo cannot be used. A merchant's mask or an alpha channel is honoured as it is.
"""
