"""Results as text for people, as JSON for tools and as a picture. Strings out, nothing printed; the picture is a file.

``style`` is how any of it is written; ``text`` and ``json`` are for findings; ``fit``, ``sweep`` and ``picture`` for
memory fit; ``catalog`` for what is known.

May import: cli.inputs, cli.case, cli.writing, workspace, spec, fit, knowledge and core; click for colour, rich for the
width of characters, matplotlib for pictures.
Units: lines and columns as said in ``cli``; widths are terminal cells; memory in GiB per device.
"""
