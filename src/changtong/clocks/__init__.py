"""Limits that run: when each is due, what paused it, whether it was kept, and why."""
