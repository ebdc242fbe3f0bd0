"""Numbers about what happened, and about what would have happened under other rules."""
