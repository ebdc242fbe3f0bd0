"""The face for programs: REST under /api/v1."""
