"""The picture-making around the model: product placed, plate warped, shadows drawn, light brought to full size."""
