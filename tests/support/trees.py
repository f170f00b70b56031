"""What holds of every tree, whatever text it was read from."""

from modelspec_ls.core.text import Span
from modelspec_ls.syntax.data import to_data
from modelspec_ls.syntax.lookup import document_at, find, spot_at, walk
from modelspec_ls.syntax.nodes import Alias, Mapping, Missing, Node, Pair, Scalar, Sequence, Tree, span_of


def check_node(node: Node, around: Span) -> None:
    """Every span lies inside its parent's, and children stand in order. Without recursion: trees may be deep."""
    stack = [(node, around)]
    while stack:
        node, around = stack.pop()
        assert isinstance(node, (Scalar, Missing, Alias, Mapping, Sequence))
        assert around.start <= node.start <= node.end <= around.end, (node, around)
        own = span_of(node)
        last = node.start
        if isinstance(node, Mapping):
            for pair in node.pairs:
                assert isinstance(pair, Pair)
                assert last <= pair.key.start <= pair.key.end <= pair.value.end or isinstance(pair.value, Missing)
                assert pair.key.end <= pair.colon
                last = max(pair.key.end, pair.value.end)
                stack += [(pair.key, own), (pair.value, own)]
        elif isinstance(node, Sequence):
            for item in node.items:
                assert last <= item.start
                last = item.end
                stack.append((item, own))


def check(tree: Tree) -> None:
    text = tree.text
    assert tree.documents
    last = 0
    for number, document in enumerate(tree.documents):
        assert document.number == number
        assert last <= document.start <= document.end <= len(text)
        last = document.end
        check_node(document.root, Span(document.start, document.end))
        to_data(document.root)
        paths = [path for path, _, _ in walk(document)]
        for path in paths[:: max(len(paths) // 50, 1)]:
            find(document, path)
    for problem in tree.problems:
        assert 0 <= problem.span.start <= problem.span.end <= len(text)
        assert problem.message.endswith((".", "?"))
        assert "\n" not in problem.message
        assert 0 <= problem.fix_span.start <= problem.fix_span.end <= len(text)
    assert list(tree.problems) == sorted(tree.problems)
    for repair in tree.repairs:
        assert 0 <= repair.span.start <= repair.span.end <= len(text)
    for offset in range(0, len(text) + 1, max(len(text) // 20, 1)):
        document_at(tree, offset)
        spot = spot_at(tree, offset)
        assert spot is None or spot.span.contains(offset)
