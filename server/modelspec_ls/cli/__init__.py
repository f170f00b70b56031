"""The command ``modelspec``: what the editor shows, on a terminal and for other tools.

May import: analysis and everything below it, and (alone in the project) click and rich; ``lsp`` only to start it.
Units: positions are shown from 1 in characters, in JSON from 0 in UTF-16 units; widths are terminal cells.
"""
