"""What was learnt once and nobody should have to find out again: articles and their versions."""
