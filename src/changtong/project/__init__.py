"""The composition root: settings, URLs, WSGI entry point."""
