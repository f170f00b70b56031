"""ModelSpec language server and its command-line twin."""

__version__ = "0.1.0"
