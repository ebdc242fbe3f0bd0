"""畅通 Changtong: telecom customer service and fault handling by the service standard."""
