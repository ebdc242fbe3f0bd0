"""The service standard: editions to read and compare, drafts to write, review and publish."""
