"""MS181 to MS189: rows of a workspace's own catalogue, below `.modelspec/`."""
