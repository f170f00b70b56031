"""What the values of options must be, and what they mean."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable

import click

from modelspec_ls.core.words import near

from .render.source import safe

FOUND_ERRORS = 1
"""The exit status of a command that found what it looks for."""
FAILED = 2
"""That of one that could not do its work."""


def checked_option(
    _ctx: click.Context, param: click.Parameter, value: str | None
) -> str | float | dict[str, float] | None:
    """An option's value, if it means something."""
    if param.name == "engine":
        return engine_option(value)
    if param.name == "gpu_memory_utilization":
        return fraction_option(value)
    if param.name == "prices" and value is not None:
        from .prices import read_prices

        return read_prices(value)
    if param.name != "plot" or value is None:
        return name_option(param.name or "", value)
    if not value.lower().endswith((".svg", ".png")):
        raise click.BadParameter(f"`{safe(value)}` must end in .svg or .png.")
    if importlib.util.find_spec("matplotlib") is None:
        raise click.BadParameter("needs matplotlib: pip install 'modelspec-language-server[plot]'.")
    return value


def name_option(kind: str, value: str | None) -> str | None:
    """A name of a kind of thing that is known: accelerator, precision or KV cache type."""
    if value is None:
        return None
    from modelspec_ls.knowledge import precisions

    from .inputs import catalogue_here

    if kind == "accelerator":
        catalogue = catalogue_here()
        known, guess = bool(catalogue.find_accelerator(value).candidates), catalogue.suggest_accelerator(value)
        names = ["those that `modelspec catalog --accelerators` lists"]
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
    from modelspec_ls.knowledge import engines
    from modelspec_ls.knowledge.vocabularies import vocabulary

    name, separator, version = value.partition("==")
    words = vocabulary("framework")
    term = words.find(name.strip()) if words else None
    known = engines.engine(term.value if term else name)
    if known is None or known.name == "generic":
        names = engines.engine_names()
        raise click.BadParameter(_unknown(name, near(name, names), names))
    if separator and not version.strip()[:1].isdigit():
        raise click.BadParameter(
            f"`{safe(version)}` is not a version; write it as in `{known.label.replace(' ', '==')}`."
        )
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
        raise click.BadParameter(f"`{safe(value)}` must be above 0 and at most 1, such as 0.9 or 90%.")
    return share


def _unknown(text: str, guess: str | None, names: Iterable[str]) -> str:
    hint = f"did you mean `{guess}`?" if guess else f"choose from {', '.join(names)}."
    return f"`{safe(text)}` is not known; {hint}"
