"""The rules: one module each, with documentation, metadata, check and fixes.

May import: workspace and everything below it.
A rule names places by path and never looks at the protocol or the terminal.
"""
