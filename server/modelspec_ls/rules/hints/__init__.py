"""MS171 to MS199: what a spec tells this tool in annotations and comments."""
