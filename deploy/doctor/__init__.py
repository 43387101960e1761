"""What ails an installation, and what to do about it: each part asked once, within a time, changed by nothing."""
