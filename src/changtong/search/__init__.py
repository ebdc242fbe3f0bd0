"""The words of everything, for those who may read it."""
