"""What a person at the cursor is about to write: a key, a value or a list item, and where it will hang.

The cursor's line is exchanged for one with a mark in it and the text is read again; the mark's place in
the tree is the answer. So the answer is right in half-typed and broken text, and it holds for block
style, flow style and JSON alike.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from modelspec_ls.core.text import LineIndex, Span

from .cursor_block import block_context
from .cursor_flow import flow_context
from .cursor_mark import CursorContext, CursorLine
from .nodes import Mapping, Node, Scalar, Sequence, Tree

__all__ = ["CursorContext", "cursor_context"]

_HEAD = re.compile(r"(?P<indent>[ \t]*)(?P<dashes>(?:-[ \t]+)*(?:-(?=[ \t]*$))?)")


def cursor_context(tree: Tree, index: LineIndex, offset: int) -> CursorContext | None:
    """The context at an offset; None in a comment, in a block scalar or inside a multi-line string."""
    number = index.line_of(offset)
    start, end = index.line_span(number)
    text = index.text[start:end]
    column = min(offset - start, len(text))
    if _in_comment(text, column):
        return None
    inside = _scalar_around(tree, offset)
    if inside is not None and (inside.style in {"|", ">"} or "\n" in tree.text[inside.start : min(offset, inside.end)]):
        return None
    flow = _in_flow(tree, text, column, offset)
    head = _HEAD.match(text)
    assert head is not None
    line = CursorLine(start, text, column, len(head["indent"]), head["dashes"], head.end())
    if flow or tree.json:
        return flow_context(tree, index, number, line)
    return block_context(tree, index, number, line)


def _in_comment(text: str, column: int) -> bool:
    quote = ""
    for i, char in enumerate(text[:column]):
        if quote:
            quote = "" if char == quote else quote
        elif char in "\"'" and (i == 0 or text[i - 1] in " \t[{,:"):
            quote = char
        elif char == "#" and (i == 0 or text[i - 1] in " \t"):
            return True
    return False


def _scalar_around(tree: Tree, offset: int) -> Scalar | None:
    """The multi-line scalar that holds the offset, if one does."""
    for document in tree.documents:
        if not document.start <= offset <= document.end:
            continue
        node: Node = document.root
        while not isinstance(node, Scalar):
            children = _children(node)
            # A block scalar may also be continued on the blank lines below it.
            inner = next((c for c in children if c.start < offset <= c.end), None)
            if inner is None:
                break
            node = inner
        if isinstance(node, Scalar) and node.start < offset <= node.end:
            return node
    return None


def _children(node: Node) -> Iterator[Node]:
    if isinstance(node, Mapping):
        for pair in node.pairs:
            yield pair.value
    elif isinstance(node, Sequence):
        yield from node.items


def _in_flow(tree: Tree, text: str, column: int, offset: int) -> bool:
    """Whether the cursor stands in brackets, by the line itself or by the tree."""
    depth = 0
    quote = ""
    for i, char in enumerate(text[:column]):
        if quote:
            quote = "" if char == quote else quote
        elif char in "\"'" and (i == 0 or text[i - 1] in " \t[{,:"):
            quote = char
        elif char in "[{" and (depth or text[:i].rstrip()[-1:] in {"", ":", "-"}):
            depth += 1
        elif char in "]}" and depth:
            depth -= 1
    if depth:
        return True
    for document in tree.documents:
        node: Node = document.root
        while True:
            if getattr(node, "flow", False) and node.start < offset < node.end:
                # A bracket that a repair closed does not hold the lines below its own.
                return "\n" not in tree.text[node.start : offset] or not tree.tainted(Span(node.start, node.start + 1))
            inner = next((c for c in _children(node) if c.start < offset <= c.end), None)
            if inner is None:
                break
            node = inner
    return False
