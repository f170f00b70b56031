"""Keys for the free maps: labels, annotations with our typed hints, environment variables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import cache
from typing import Any

from attrs import frozen

from modelspec_ls.knowledge import llmaz
from modelspec_ls.resources import load_package_json

from .request import Request
from .shapes import escape

_GROUPS = {"limits": "resources", "nodeSelector": "nodeLabels", "params": "parameters"}


@frozen
class KeyOffer:
    """A key with the value that it usually takes."""

    key: str
    value_snippet: str
    detail: str
    documentation: str


@cache
def known_entries(name: str) -> tuple[dict[str, Any], ...]:
    """Rows of the map-key data: ``labels``, ``annotations`` or ``variables``; for flavors those of llmaz."""
    group = _GROUPS.get(name)
    if group is None:
        return tuple(load_package_json("knowledge/data/map_keys.json")[name])
    rows = ({"key": word.name, "detail": word.description} for word in llmaz.offered(group))
    return tuple({**row, "values": ["1", "2", "4", "8"], "number": True} if name == "limits" else row for row in rows)


def map_key_offers(request: Request) -> Iterator[KeyOffer]:
    """Known keys of the map at the cursor, then keys that open documents use."""
    name = str(request.context.path[-1]) if request.context.path else ""
    seen: set[str] = set()
    for row in _rows(request, name):
        seen.add(row["key"])
        yield KeyOffer(row["key"], _value(request, row), row.get("detail", ""), _documentation(row))
    for key, value in _used(request, name):
        if key not in seen:
            seen.add(key)
            yield KeyOffer(key, f'"${{1:{escape(value)}}}"' if value else '"$1"', "used in this workspace", "")


_MAPS = frozenset({"labels", "annotations", "variables", "limits", "nodeSelector", "params"})


def find_entry(name: str, key: str) -> dict[str, Any] | None:
    """What is known about a key of a free map."""
    if name not in _MAPS:
        return None
    return next((row for row in known_entries(name) if row["key"] == key), None)


def _rows(request: Request, name: str) -> list[dict[str, Any]]:
    if name not in _MAPS:
        return []
    kind = request.role.schema
    rows = [row for row in known_entries(name) if kind in row.get("kinds", (kind,))]
    engine = request.text_value(*request.model, "framework").lower()
    # Variables of the engine in use come first; those of other engines are not offered.
    fitting = [r for r in rows if not r.get("engines") or engine in r["engines"] or not engine]
    return sorted(fitting, key=lambda r: not r.get("engines"))


def _value(request: Request, row: dict[str, Any]) -> str:
    """Map values are strings, so what could be read as something else is quoted; quantities may be numbers."""
    values = row.get("values", [])
    if len(values) > 1:
        words = ",".join(escape(v).replace(",", "\\,").replace("|", "\\|") for v in values)
        inner = f"${{1|{words}|}}"
    else:
        inner = f"${{1:{escape(values[0])}}}" if values else "$1"
    plain_is_safe = values and all(v.isalpha() and v.lower() not in _WORDS for v in values) and not request.json
    return inner if plain_is_safe or row.get("number") else f'"{inner}"'


_WORDS = frozenset({"true", "false", "yes", "no", "on", "off", "null", "y", "n"})


def _documentation(row: dict[str, Any]) -> str:
    out = [row.get("description", "")]
    if row.get("syntax"):
        out.append(f"Value: {row['syntax']}")
    return "\n\n".join(part for part in out if part)


def _used(request: Request, name: str) -> Iterator[tuple[str, str]]:
    """Keys of the same map in every spec of the workspace, the commonest first; labels with their value."""
    counted: Counter[tuple[str, str]] = Counter()
    for key, spec in request.snapshot.specs():
        if key == request.document.key:
            continue
        if name == "labels":
            counted.update(spec.labels)
        elif name == "annotations":
            counted.update((key, "") for key in spec.annotations)
    yield from (entry for entry, _ in counted.most_common(50))
