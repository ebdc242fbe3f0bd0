"""The faces: what people and programs see and touch."""
