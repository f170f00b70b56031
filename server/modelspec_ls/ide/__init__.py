"""One file per editor feature: pure functions ``feature(snapshot, uri, offset)`` with plain results.

May import: analysis and everything below it.
Units: offsets and spans are code points of the document's text.
"""
