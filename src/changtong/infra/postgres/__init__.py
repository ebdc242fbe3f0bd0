"""Django's backend for PostgreSQL, which looks before it asks whether a connection lives."""
