"""A person's own desk: settings, views, drafts, texts, macros, and what they watch."""
