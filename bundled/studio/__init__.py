"""Path-traced scenes, packshots, judge pairs, plates and samples, in an environment of its own."""
