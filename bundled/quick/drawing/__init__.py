"""What every part draws with: planes and noise, colours with their words, strokes, a stock of tiles."""
