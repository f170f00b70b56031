"""Text to a tolerant tree with exact spans, cursor context, and edits that keep comments.

May import: core, and (alone in the project) ruamel.yaml.
Units: every offset is a code point of the text as the user has it, byte order mark included.
"""
