"""The inpainter: a known product in, ranked new backgrounds out.

Hears product.captioned (scenes that came with a product), background.requested, model.promoted.
Says background.generated or background.rejected, one for each scene.
Guarantees: product pixels equal the photo's bit for bit in lossless outputs; a redelivery repeats its answer unpainted.
"""
