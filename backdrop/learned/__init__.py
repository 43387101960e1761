"""What was learned, as its topics tell it: datasets, styles; and raters' words, which go in."""
