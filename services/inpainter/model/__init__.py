"""The inpainter's only rooms with torch: the painter, the judge, the probe of adherence."""
