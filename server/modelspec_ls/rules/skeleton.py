"""The text of a field's required fields, for fixes that insert them."""

from __future__ import annotations

from modelspec_ls.schema.navigate import Schema, choices, properties, required


def skeleton(schema: Schema, names: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """The named fields with their own required fields below; open values are left empty for the author."""
    return tuple((name, _source(properties(schema)[name])) for name in names)


def _source(schema: Schema) -> str:
    options = choices(schema)
    if len(options) == 1:
        return str(options[0])
    inner = required(schema)
    if not inner:
        return "1" if schema.get("minimum") == 1 else ""
    lines: list[str] = []
    for name in inner:
        first, *rest = _source(properties(schema)[name]).split("\n")
        lines += [f"  {name}: {first}".rstrip(), *(f"  {line}" for line in rest)]
    return "\n" + "\n".join(lines)
