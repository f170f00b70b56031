"""Text, positions, paths, findings, configuration: the words every other package speaks.

May import: the standard library and attrs; no I/O.
Units: offsets are code points in the original text; sizes in configuration are bytes.
"""
