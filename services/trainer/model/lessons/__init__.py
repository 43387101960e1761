"""A released dataset made ready for one base: pictures in buckets, masks, latents and words, encoded once."""
