"""The face for customers: report, follow, confirm, rate."""
