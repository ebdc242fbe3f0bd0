"""Commands of Django that we change."""
