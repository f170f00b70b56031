"""The catalogue as tables, as all facts about one, and as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import attrs

from modelspec_ls.knowledge import accelerators
from modelspec_ls.knowledge.types import Accelerator, Model

from .source import as_json, safe


def plain(value: Any) -> Any:
    """A row of the catalogue as plain data, what is not known left out."""
    if attrs.has(type(value)):
        # How a workspace's row was understood is no fact of its own.
        value = attrs.asdict(value, recurse=False, filter=lambda field, _: field.name not in {"shape", "stored"})
    elif hasattr(value, "_asdict"):
        value = value._asdict()
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items() if item is not None and item not in ("", (), {})}
    return [plain(item) for item in value] if isinstance(value, tuple) else value


def render_json(found: Iterable[Model], devices: Iterable[Accelerator]) -> str:
    """All facts, in ASCII where standard output cannot carry more."""
    answer = {"models": [plain(row) for row in found], "accelerators": [plain(row) for row in devices]}
    return as_json(answer)


def render_tables(found: Sequence[Model], devices: Sequence[Accelerator]) -> str:
    """One line for each, under what it is."""
    rows = [(m.id, f"{m.parameters_total / 1e9:,.2f} B", _context(m), _stored(m) + _place(m)) for m in found]
    cards = [
        (a.id, f"{accelerators.memory_gib(a).value:.2f} GiB", str(a.released or "-"), a.name + _place(a))
        for a in devices
    ]
    return "\n".join(map(safe, [*_table("models", rows), *_table("accelerators", cards)]))


def _place(row: Model | Accelerator) -> str:
    """Where a row of the workspace's own stands."""
    return f"  ({row.origin.short})" if row.origin else ""


def _context(model: Model) -> str:
    return f"{model.context_tokens:,} tokens" if model.context_tokens else "-"


def _stored(model: Model) -> str:
    packed = model.quantization
    return packed.method if packed else model.native_dtype


def _table(title: str, rows: Sequence[tuple[str, ...]]) -> list[str]:
    if not rows:
        return []
    widths, lines = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))], [f"{title}:"]
    for first, *middle, last in rows:
        cut = [f"{word:>{width}}" for word, width in zip(middle, widths[1:-1], strict=True)]
        lines.append("  ".join((f"  {first:<{widths[0]}}", *cut, last)))
    return lines


def render_row(row: Model | Accelerator) -> str:
    """Everything known about one, with where it is from."""
    facts: dict[str, Any] = plain(row)
    sources, date = facts.pop("sources"), facts.pop("date")
    if row.origin is not None:
        instead = ", in place of the built-in row" if row.origin.replaces else ""
        facts["origin"] = f"{row.origin.path}:{row.origin.line}{instead}"
    if isinstance(row, Accelerator):
        memory = accelerators.memory_gib(row)
        band = f", {memory.range[0]:g} to {memory.range[1]:g}" if memory.range else ""
        facts["memory for estimates"] = f"{memory.value:g} GiB ({memory.basis}{band})"
    lines = [facts.pop("id"), *_lines(facts, "  "), f"  {'collected':<32}{date}"]
    return "\n".join(map(safe, [*lines, *(f"  {'source':<32}{source}" for source in sources), ""]))


def _lines(facts: Mapping[str, Any], indent: str) -> list[str]:
    out: list[str] = []
    for key, value in facts.items():
        label = f"{indent}{key.replace('_', ' ')}"
        if isinstance(value, dict):
            out += [label, *_lines(value, indent + "  ")]
            continue
        many = value if isinstance(value, list) else [value]
        texts = [_said(item, exact=key in {"released", "compute_capability"}) for item in many]
        out.append(f"{label:<33} {', '.join(texts)}")
    return out


def _said(value: Any, *, exact: bool) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return " ".join(str(item) for item in value.values())
    return f"{value:,}" if isinstance(value, int) and not exact else str(value)
