"""MS701 to MS799: replicas against load, latency and load times."""
