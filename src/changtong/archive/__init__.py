"""What remains of a finished case: one sealed package, how long it is kept, and its proof."""
