"""What every request meets before its work: who asks, how often, how much, and whether it was asked before."""
