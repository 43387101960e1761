"""What a picture file says before any pixel is decoded: walked part by part, capped, cut down to its pixels."""
