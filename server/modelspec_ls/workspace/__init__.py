"""Documents, files, the index of a workspace and the immutable snapshot that features read.

May import: spec, knowledge, schema, syntax, core. ``files`` is the only reader of user files.
Units: file sizes in bytes; offsets in code points.
"""
