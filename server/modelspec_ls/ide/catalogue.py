"""What the catalogue offers to an author: short names to write, and facts in a few lines."""

from __future__ import annotations

from functools import cache, lru_cache

from modelspec_ls.core.markdown import code, prose
from modelspec_ls.knowledge import accelerators, models
from modelspec_ls.knowledge.catalogue import BUILT_IN, Catalogue
from modelspec_ls.knowledge.types import Accelerator, Model, Origin
from modelspec_ls.knowledge.vocabularies import vocabulary
from modelspec_ls.resources import load_package_json


@cache
def _rank(kind: str) -> dict[str, int]:
    return {name: i for i, name in enumerate(load_package_json("knowledge/data/ranking.json")[kind])}


def warm_up() -> None:
    """Read the catalogue before somebody waits for it."""
    model_names()
    for name, card in accelerator_names("nvidia"):
        if name:
            accelerator_markdown(card)


@lru_cache(maxsize=8)
def model_names(catalogue: Catalogue = BUILT_IN) -> tuple[tuple[str, Model], ...]:
    """A name to write for every model: the workspace's own, then the most deployed families, small models first."""
    own = tuple((next(iter(m.aliases), m.id), m) for m in catalogue.all_models if m.origin)
    replaced = {model.id.lower(): model for _, model in own}
    known = ((name, m) for name, m in _built_in_names() if m.id.lower() not in replaced)
    return (*own, *known) if own else _built_in_names()


@cache
def _built_in_names() -> tuple[tuple[str, Model], ...]:
    known = models.aliases()
    rank = _rank("families")
    found: list[tuple[str, Model]] = []
    for model in models.all_models():
        tail = model.id.rpartition("/")[2].lower()
        spellings = (tail.removeprefix("meta-").removesuffix("-hf"), tail)
        found.append((next((s for s in spellings if known.get(s) == model.id), model.id), model))
    return tuple(sorted(found, key=lambda f: (rank.get(f[1].family, 99), f[1].tuning == "base", f[1].parameters_total)))


def model_task(model: Model) -> str:
    """The task to write for a model, from the task vocabulary."""
    words = vocabulary("task")
    assert words is not None
    name = model.id.lower()
    if "guard" in name or "shield" in name:
        return "moderation"
    for task in model.tasks:
        if task == "text-generation":
            return "chat-completion" if model.tuning == "instruct" else "text-generation"
        term = words.find(task)
        if term is not None:
            return term.value
    return "text-generation"


@lru_cache(maxsize=2048)
def model_line(model: Model) -> str:
    """Size, context and attention in one line."""
    parts = [f"{size(model.parameters_total)} parameters"]
    if model.parameters_active != model.parameters_total:
        parts.append(f"{size(model.parameters_active)} active")
    if model.context_tokens:
        parts.append(f"{model.context_tokens:,} tokens")
    return ", ".join(parts)


@lru_cache(maxsize=2048)
def model_markdown(model: Model) -> str:
    """The facts of a model with their source."""
    rows = [
        ("Parameters", f"{size(model.parameters_total)} ({model.parameters_total:,})"),
        ("Active per token", size(model.parameters_active) if model.moe else None),
        (
            "Weights as stored",
            f"{model.weight_bytes / 2**30:.1f} GiB" + ("" if model.weight_bytes_exact else ", estimated"),
        ),
        ("Number format", model.quantization.method if model.quantization else model.native_dtype),
        ("Layers", model.num_layers),
        ("Attention", _attention(model)),
        ("Context", f"{model.context_tokens:,} tokens" if model.context_tokens else None),
        ("Vocabulary", f"{model.vocab_size:,}"),
        ("Family", model.family),
        ("Licence", model.license),
    ]
    lines = "\n".join(f"- {label}: {prose(str(value))}" for label, value in rows if value)
    source = prose(f"{', '.join(model.sources[:2])} ({model.date}, {model.verified})")
    return f"**{prose(model.id)}**\n\n{lines}\n\nSource: {source}.{_origin(model.origin)}"


def _origin(origin: Origin | None) -> str:
    """Where a row of the workspace stands."""
    if origin is None:
        return ""
    return f" Row: {code(origin.short)}{', in place of the built-in one' if origin.replaces else ''}."


def _attention(model: Model) -> str:
    if model.attention == "none":
        return "none"
    heads, kv = model.num_attention_heads, model.num_key_value_heads
    detail = f", {heads} heads" + (f", {kv} KV heads" if kv and kv != heads else "") if heads else ""
    width = f" of {model.head_dim}" if model.head_dim else ""
    return f"{model.attention.upper()}{detail}{width}"


def size(parameters: int) -> str:
    """``8.03 B``, ``494 M``."""
    if parameters >= 10**9:
        return f"{parameters / 1e9:.3g} B"
    return f"{parameters / 1e6:.3g} M"


@lru_cache(maxsize=32)
def accelerator_names(vendor: str, catalogue: Catalogue = BUILT_IN) -> tuple[tuple[str, Accelerator], ...]:
    """Names to write for the accelerators of a maker: the short one where it is clear, and the one with its size."""
    rank = _rank("accelerators")
    found: list[tuple[tuple[int, int], str, Accelerator]] = []
    for card in catalogue.all_accelerators:
        if vendor and card.vendor != vendor:
            continue
        own = [a for a in card.aliases if not a.startswith(("nvidia-", "tesla-", "amd-", "intel-", "dgx-", "hgx-"))]
        names = sorted(own or card.aliases or (card.id,), key=lambda a: (len(a), a))
        sized = next((a for a in names if a.endswith(f"{card.memory_gb_marketed}gb")), None)
        clear = (n for n in (names[0], sized) if n and not catalogue.find_accelerator(n, vendor or None).ambiguous)
        order = (-1 if card.origin else rank.get(card.id, 99), -card.released)
        found.extend((order, name, card) for name in dict.fromkeys(clear))
    return tuple((name, card) for _, name, card in sorted(found, key=lambda f: f[0]))


@lru_cache(maxsize=512)
def accelerator_line(card: Accelerator) -> str:
    """Memory and generation in one line."""
    memory = accelerators.memory_gib(card)
    return ", ".join(str(part) for part in (f"{memory.value:.1f} GiB usable", card.architecture, card.released) if part)


@lru_cache(maxsize=512)
def accelerator_markdown(card: Accelerator) -> str:
    """The facts of an accelerator with their source."""
    memory = accelerators.memory_gib(card)
    basis = {
        "runtime": "as engines report it",
        "stated": "as the workspace states it",
        "usable": "estimated from the driver's figure",
    }.get(memory.basis, "estimated from the vendor's figure")
    runs = ", ".join(code(name) for name, yes in card.supports.items() if yes)
    lacks = ", ".join(code(name) for name, yes in card.supports.items() if not yes)
    machines = ", ".join(f"{i.cloud} {code(i.type)} ({i.count})" for i in card.instances[:4])
    rows = [
        ("Memory for the engine", f"{memory.value:.1f} GiB, {basis}"),
        ("Sold as", f"{card.memory_gb_marketed} GB {card.memory_type}".rstrip()),
        ("Bandwidth", f"{card.memory_bandwidth_gb_s:,.0f} GB/s" if card.memory_bandwidth_gb_s else None),
        ("Compute capability", card.compute_capability or card.gfx_arch),
        ("Number formats", runs),
        ("Not", lacks),
        ("Kubernetes", code(card.kubernetes_resource) if card.kubernetes_resource else None),
        ("Machines", machines),
    ]
    lines = "\n".join(f"- {label}: {prose(str(value))}" for label, value in rows if value)
    made = prose(", ".join(str(part) for part in (card.architecture, card.released) if part))
    title = f"**{prose(card.name)}** — {made}" if made else f"**{prose(card.name)}**"
    source = prose(f"{', '.join(card.sources[:2])} ({card.date})")
    return f"{title}\n\n{lines}\n\nSource: {source}.{_origin(card.origin)}"
