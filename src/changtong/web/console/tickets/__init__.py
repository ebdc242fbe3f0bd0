"""Tickets in the console: the queue, the case page, the actions on a case."""
