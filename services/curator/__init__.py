"""Which photos teach the right taste?

Hears product.captioned, product.engaged, product.withdrawn, background.reviewed; says sample.curated,
dataset.released, training.requested. Guarantees: no sample without consent; every verdict has a reason; a withdrawn
product is gone from the next version of every dataset, which names it; the same samples make the same bytes and the
same version.
"""
