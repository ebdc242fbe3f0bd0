"""Rules about a desk, on values alone."""
