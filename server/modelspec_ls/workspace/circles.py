"""Circles in a directed graph."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import TypeVar

T = TypeVar("T", bound=Hashable)


def components(
    root: T, successors: Callable[[T], Iterable[T]], out: dict[T, frozenset[T]], most: int | None = None
) -> bool:
    """Put the strongly connected component of everything that can be reached from a node into ``out``.

    Tarjan's algorithm, without recursion; what ``out`` holds already is not looked at again. ``most``: gives up after
    so many nodes, and returns False; what it has put into ``out`` until then is right.
    """
    order: dict[T, int] = {}
    low: dict[T, int] = {}
    stack: list[T] = []
    waiting: set[T] = set()
    work: list[tuple[T, Iterator[T]]] = []

    def enter(node: T) -> None:
        order[node] = low[node] = len(order)
        stack.append(node)
        waiting.add(node)
        work.append((node, iter(successors(node))))

    enter(root)
    while work:
        node, rest = work[-1]
        for after in rest:
            if after in out:
                continue
            if after not in order:
                if most is not None and len(order) >= most:
                    return False
                enter(after)
                break
            if after in waiting:
                low[node] = min(low[node], order[after])
        else:
            work.pop()
            if work:
                low[work[-1][0]] = min(low[work[-1][0]], low[node])
            if low[node] == order[node]:
                members: list[T] = []
                while True:
                    member = stack.pop()
                    waiting.discard(member)
                    members.append(member)
                    if member == node:
                        break
                found = frozenset(members)
                out.update((member, found) for member in members)
    return True
