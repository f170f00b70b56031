"""MS501 to MS599: limits on batch and sequence, against the model and each other."""
