"""Load data: a whole country's tickets, written with COPY."""
