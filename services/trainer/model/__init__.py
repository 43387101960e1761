"""The trainer's only room with torch: the models it trains and the one loop that trains them."""
