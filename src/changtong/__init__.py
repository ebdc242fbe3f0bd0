"""畅通 Changtong: telecom customer service and fault handling that executes the service standard."""
