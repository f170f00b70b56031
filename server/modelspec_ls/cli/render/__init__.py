"""Results as text for people and as JSON for tools. Pure: strings out, nothing printed.

May import: cli.inputs, workspace and core; rich for the width of characters.
Units: lines and columns as said in ``cli``; widths are terminal cells.
"""
