"""The typed view of a ModelSpec: what its fields say, and where each is said.

May import: fit, knowledge, schema, syntax, core.
Units: as the field names say.
"""
