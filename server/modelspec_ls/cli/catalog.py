"""``modelspec catalog``: the models and accelerators that are known, and everything that is known about one."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import attrs
import click

from modelspec_ls.core.words import fold, near
from modelspec_ls.knowledge import accelerators, engines, match, models, precisions
from modelspec_ls.knowledge.types import Accelerator, Model
from modelspec_ls.knowledge.vocabularies import vocabulary

from .render.source import safe

_NOTHING = 1
_GIB = 2**30
_FORMAT = click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="How to print.")


def plain(value: Any) -> Any:
    """A row of the catalogue as plain data, what is not known left out."""
    if attrs.has(type(value)):
        value = attrs.asdict(value, recurse=False)
    elif hasattr(value, "_asdict"):
        value = value._asdict()
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items() if item is not None and item not in ("", (), {})}
    return [plain(item) for item in value] if isinstance(value, tuple) else value


class _Listing(click.Group):
    """A group that lists when no subcommand is named."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args or (args[0] not in self.commands and args[0] not in ctx.help_option_names):
            args = ["list", *args]
        return super().parse_args(ctx, args)


@click.group(cls=_Listing, short_help="List and explain known models and accelerators.")
def catalog() -> None:
    """List the known models and accelerators, and explain one.

    \b
    modelspec catalog llama 70b        what matches all words
    modelspec catalog show h100        everything about one, with sources
    """  # noqa: D301  # Click wants the control character, not a backslash.


@catalog.command("list", short_help="List what matches all words (the default).")
@click.argument("words", nargs=-1)
@click.option("--models", "kind", flag_value="models", help="Only models.")
@click.option("--accelerators", "kind", flag_value="accelerators", help="Only accelerators.")
@_FORMAT
@click.pass_context
def listing(ctx: click.Context, *, words: tuple[str, ...], kind: str | None, form: str) -> None:
    """List models and accelerators whose name, alias, family or maker has all words in it.

    Exit status: 0 something matches, 1 nothing does, 2 wrong usage.
    """
    chosen = (
        [m for m in models.all_models() if _has(words, m.id, m.family, *m.aliases)] if kind != "accelerators" else []
    )
    cards = accelerators.all_accelerators() if kind != "models" else ()
    devices = [a for a in cards if _has(words, a.id, a.name, a.vendor, a.architecture, *a.aliases)]
    if form == "json":
        _json(chosen, devices)
    else:
        rows = [
            (m.id, f"{m.parameters_total / 1e9:,.2f} B", f"{m.context_tokens or 0:,} tokens", _stored(m))
            for m in chosen
        ]
        _table("models", rows)
        _table(
            "accelerators",
            [(a.id, f"{accelerators.memory_gib(a).value:.2f} GiB", str(a.released), a.name) for a in devices],
        )
    if not chosen and not devices:
        click.echo(f"Nothing in the catalogue matches `{safe(' '.join(words))}`.", err=True)
        ctx.exit(_NOTHING)


@catalog.command(short_help="Explain one, with sources.")
@click.argument("words", metavar="NAME", nargs=-1, required=True)
@_FORMAT
def show(*, words: tuple[str, ...], form: str) -> None:
    """Everything known about a model or an accelerator, by any of its names.

    Exit status: 0 it is known, 2 it is not.
    """
    name = " ".join(words)
    found, cards = match.resolve(name), accelerators.find(name)
    rows = [found.model] if found.model else []
    devices = [cards.accelerator] if cards.accelerator and not cards.ambiguous else list(cards.candidates)
    if not rows and not devices:
        guesses = [*found.suggestion, *filter(None, [accelerators.suggestion(name)])]
        hint = (
            f"did you mean {' or '.join(f'`{guess}`' for guess in guesses)}?" if guesses else "see `modelspec catalog`."
        )
        raise click.UsageError(f"`{safe(name)}` is not in the catalogue; {hint}")
    if form == "json":
        _json(rows, devices)
        return
    if found.model and found.grade == "repackaged":
        packed = f" in {found.precision or found.format}" if found.precision or found.format else ""
        click.echo(f"`{safe(name)}` is read from the name as {found.model.id}{packed}.\n")
    if len(devices) > 1:
        click.echo(f"`{safe(name)}` may be any of {len(devices)}.\n")
    everything: list[Model | Accelerator] = [*rows, *devices]
    for row in everything:
        click.echo(_explained(row))


def _has(words: Sequence[str], *names: str) -> bool:
    text = " ".join(fold(name) for name in names)
    return all(fold(word) in text for word in words)


def _stored(model: Model) -> str:
    packed = model.quantization
    return packed.method if packed else model.native_dtype


def _json(found: Iterable[Model], devices: Iterable[Accelerator]) -> None:
    encoding = (getattr(sys.stdout, "encoding", None) or "utf-8").lower()
    answer = {"models": [plain(row) for row in found], "accelerators": [plain(row) for row in devices]}
    click.echo(json.dumps(answer, indent=2, ensure_ascii=not encoding.startswith("utf")))


def _table(title: str, rows: Sequence[tuple[str, ...]]) -> None:
    if rows:
        widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
        click.echo(f"{title}:")
    for first, *middle, last in rows:
        cut = [f"{word:>{width}}" for word, width in zip(middle, widths[1:-1], strict=True)]
        click.echo("  ".join((f"  {first:<{widths[0]}}", *cut, last)))


def _explained(row: Model | Accelerator) -> str:
    facts: dict[str, Any] = plain(row)
    sources, date = facts.pop("sources"), facts.pop("date")
    if isinstance(row, Accelerator):
        memory = accelerators.memory_gib(row)
        band = f", {memory.range[0]:g} to {memory.range[1]:g}" if memory.range else ""
        facts["memory for estimates"] = f"{memory.value:g} GiB ({memory.basis}{band})"
    lines = [facts.pop("id"), *_lines(facts, "  "), f"  {'collected':<32}{date}"]
    return "\n".join([*lines, *(f"  {'source':<32}{source}" for source in sources), ""])


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


def name_option(kind: str, value: str | None) -> str | None:
    """A name of a kind of thing that is known: accelerator, precision or KV cache type."""
    if value is None:
        return None
    if kind == "accelerator":
        known, guess = bool(accelerators.find(value).candidates), accelerators.suggestion(value)
        names = ["those of `modelspec catalog --accelerators`"]
    elif kind == "precision":
        names = [precision.name for precision in precisions.all_precisions()]
        known, guess = precisions.find(value) is not None, near(value, names)
    else:
        names, value = list(precisions.kv_types()), value.casefold()
        known, guess = value in names, near(value, names)
    if not known:
        raise click.BadParameter(_unknown(value, guess, names))
    return value


def engine_option(value: str | None) -> str | None:
    """An engine whose memory rules are known, perhaps with a version."""
    if value is None:
        return None
    name, separator, version = value.partition("==")
    words = vocabulary("framework")
    term = words.find(name.strip()) if words else None
    known = engines.engine(term.value if term else name)
    if known is None or known.name == "generic":
        names = engines.engine_names()
        raise click.BadParameter(_unknown(name, near(name, names), names))
    if separator and not version.strip()[:1].isdigit():
        raise click.BadParameter(f"`{safe(version)}` is no version; write it as in `{known.label.replace(' ', '==')}`.")
    return f"{known.name}{separator}{version.strip()}"


def fraction_option(value: str | None) -> float | None:
    """A share above 0 and at most 1, also in per cent."""
    if value is None:
        return None
    try:
        share = float(value[:-1]) / 100 if value.endswith("%") else float(value)
    except ValueError:
        share = 0.0
    if not 0 < share <= 1:
        raise click.BadParameter(f"expected a share above 0 up to 1, such as 0.9 or 90%, got `{safe(value)}`.")
    return share


def _unknown(text: str, guess: str | None, names: Iterable[str]) -> str:
    hint = f"did you mean `{guess}`?" if guess else f"known: {', '.join(names)}."
    return f"`{safe(text)}` is not known; {hint}"
