"""From what people write to a model of the catalogue, with how sure that is.

Matching is exact after normalising; whatever is only similar becomes a suggestion, never an answer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache, cached_property, lru_cache
from typing import Literal

from attrs import frozen

from modelspec_ls.core.words import LONGEST_NAME, edit_distance

from . import models, packaging
from .references import Reference, parse
from .types import Model

Grade = Literal["exact", "alias", "repackaged", "size-from-name", "unknown"]

_SEPARATORS = re.compile(r"[\s_-]+")
_AFTER_LETTER = re.compile(r"(?<=[a-z])-(?=\d)")
_DECIMAL = re.compile(r"(?<![a-z0-9_])(\d+)_(?=\d+[bm](?![a-z0-9]))", re.IGNORECASE)
_WORDS = re.compile(r"[a-z]+|\d+(?:\.\d+)?[bm]?")
_FULL_NAME = re.compile(r"-.*\d|\d.*-")
_SIZE = re.compile(r"\d+(?:\.\d+)?[bm]")
# Words that say nothing about which model it is.
_COMMON = frozenset({"instruct", "chat", "base", "it", "hf", "v", "b", "model", "llm"})
_ENOUGH_IN_COMMON = 0.6
_SUGGESTIONS = 3


@frozen
class Resolution:
    """What a reference to a model means."""

    model: Model | None
    grade: Grade
    """exact: the repository's id; alias: a known short name; repackaged: somebody else's copy or a packing of
    the model; size-from-name: unknown, but the name states a size; unknown."""
    format: str | None = None
    """Packing that the name states (awq, gptq, gguf, bitsandbytes, fp8 …); the model's own is in the model."""
    precision: str | None = None
    """Canonical precision that the name states."""
    bits: float | None = None
    """Bits per weight that the name states, scales not counted."""
    size_from_name: int | None = None
    """Parameters that the name states, also when the model is known."""
    suggestion: tuple[str, ...] = ()
    """Known names close to an unknown one, the closest first; each resolves."""


class Names:
    """The names of a set of models, as look-ups need them. Each table is made when it is first needed.

    Args:
        ids: repository ids and former ids in lower case, each with the model's id.
        aliases: short names in lower case, joined by ``-``, each with the model's id.
        get: the model of an id.
    """

    def __init__(self, ids: Mapping[str, str], aliases: Mapping[str, str], get: Callable[[str], Model | None]) -> None:
        self.ids = ids
        self.aliases = aliases
        self.get = get

    @cached_property
    def tails(self) -> dict[str, str]:
        """Repository names without organisation."""
        return {key_of(name.split("/")[-1]): known for name, known in self.ids.items()}

    @cached_property
    def folded(self) -> dict[str, str | None]:
        """Folded spellings; None where two models share one."""
        found: dict[str, str | None] = {}
        for name, known in (*self.aliases.items(), *self.tails.items()):
            key = _fold(name)
            found[key] = known if found.get(key, known) == known else None
        return found

    @cached_property
    def owners(self) -> frozenset[str]:
        """Organisations."""
        return frozenset(i.split("/")[0] for i in self.ids if "/" in i)

    @cached_property
    def words(self) -> dict[str, frozenset[str]]:
        """The words of each short name."""
        return {name: frozenset(_WORDS.findall(name)) for name in (*self.aliases, *self.tails)}

    @cached_property
    def by_word(self) -> dict[str, frozenset[str]]:
        """Names by each of their telling words, and by their first two letters."""
        found: dict[str, set[str]] = {}
        for name, words in self.words.items():
            for word in (*(words - _COMMON), f"^{name[:2]}"):
                found.setdefault(word, set()).add(name)
        return {word: frozenset(names) for word, names in found.items()}

    def lookup(self, name: str) -> str | None:
        """The id of the model that a name without organisation belongs to."""
        for spelling in dict.fromkeys((name, _DECIMAL.sub(r"\1.", name))):
            key = key_of(spelling)
            for word in dict.fromkeys((key, key.removeprefix("meta-"), key.removesuffix("-hf"))):
                known = self.aliases.get(word) or self.tails.get(word) or self.folded.get(_fold(word))
                if known:
                    return known
        return None


@cache
def _built_in() -> Names:
    return Names(models.ids(), models.aliases(), models.get)


def resolve(text: str) -> Resolution:
    """Resolve a ``model.id``, a hub id, a ``modelUri`` or any other reference to a model of the built-in catalogue."""
    return _resolve_built_in(text[:LONGEST_NAME])


@lru_cache(maxsize=2048)
def _resolve_built_in(text: str) -> Resolution:
    return resolve_among(text, _built_in())


def resolve_among(text: str, names: Names) -> Resolution:
    """Resolve a reference among the models that have these names."""
    text = text[:LONGEST_NAME]
    reference = parse(text)
    if not reference.name:
        return Resolution(None, "unknown")
    model, grade = _resolve(reference, names)
    stated = _stated(reference)
    name = f"{reference.name}-{reference.tag}" if reference.tag else reference.name
    size = packaging.size(packaging.read(name).base)
    suggestion: tuple[str, ...] = ()
    if model is None:
        grade, suggestion = "size-from-name" if size else "unknown", _suggest(reference, names)
    return Resolution(model, grade, stated.format, stated.precision, stated.bits, size, suggestion)


_Answer = tuple[Model | None, Grade]
"""A model, and how sure that is."""


def _resolve(reference: Reference, names: Names) -> _Answer:
    owner, name = reference.owner, reference.name
    if reference.hub and owner:
        known = names.ids.get(f"{owner}/{name}".lower())
        if known:
            return names.get(known), "exact"
        if found := _of_owner(owner, name, names):
            return found
        return None, "unknown"
    if owner and (known := names.ids.get(f"{owner}/{name}".lower())):
        return names.get(known), "exact"
    if not reference.tag and (known := names.ids.get(name.lower())):
        return names.get(known), "exact"
    for spelling, grade in _with_tag(name, reference.tag):
        if known := names.lookup(spelling):
            return names.get(known), grade
    if owner and not reference.tag and (known := names.lookup(f"{owner}-{name}")):
        return names.get(known), "alias"
    return None, "unknown"


def _with_tag(name: str, tag: str | None) -> list[tuple[str, Grade]]:
    """The spellings to try: with its packing words, then without; ``:tag`` as it stands, then as a suffix."""
    if tag is None:
        bare = packaging.read(name)
        return [(name, "alias"), *([(bare.base, _packed())] if bare.found else [])]
    out: list[tuple[str, Grade]] = [(f"{name}:{tag}", "alias"), (f"{name}-{tag}", "alias")]
    bare = packaging.read(tag)
    if bare.found:
        tagged = [f"{name}:{bare.base}", f"{name}-{bare.base}"] if bare.base else [name, packaging.read(name).base]
        out += [(spelling, _packed()) for spelling in tagged]
    return out


def _packed() -> Grade:
    return "repackaged"


def _of_owner(owner: str, name: str, names: Names) -> _Answer | None:
    """A hub repository that the catalogue does not list: another spelling, a copy or a packing."""
    bare = packaging.read(name)
    for spelling in (name, bare.base) if bare.found else (name,):
        known = names.lookup(spelling) or names.lookup(_without_prefix(spelling, names))
        if not known:
            continue
        model = names.get(known)
        assert model is not None
        if _is_owner(owner, model) and spelling == name:
            return model, "alias"
        # Anybody may call a repository `bloom`; a name with a size or a version is no accident.
        if _is_owner(owner, model) or packaging.size(spelling) or _FULL_NAME.search(key_of(spelling)):
            return model, "repackaged"
    return None


def _without_prefix(name: str, names: Names) -> str:
    """``Qwen_Qwen3-8B`` without the organisation that some copies put before the name."""
    head, separator, tail = name.partition("_")
    return tail if separator and head.lower() in names.owners else ""


def _is_owner(owner: str, model: Model) -> bool:
    word = owner.lower()
    own = {i.split("/")[0].lower() for i in (model.id, *model.alternate_ids) if "/" in i}
    return any(word == o or word in o.split("-") or f"{word}ai" == o for o in own)


def key_of(name: str) -> str:
    """A short name as tables hold it: lower case, joined by ``-``."""
    return _SEPARATORS.sub("-", name.strip().lower()).strip("-")


def _fold(key: str) -> str:
    """``llama-3-8b`` and ``llama3-8b`` are equal; between two digits the separator counts."""
    return _AFTER_LETTER.sub("", key)


def _stated(reference: Reference) -> packaging.Packaging:
    """What the name, the tag and the files say about packing; the most particular first."""
    form = precision = bits = None
    for part in (*reference.packing, reference.tag or "", reference.name):
        read = packaging.read(part)
        if bits is None:
            precision, bits = read.precision, read.bits
        form = form or read.format
    if form is None and bits and bits < 16:
        form = packaging.format_of_owner(reference.owner)
    return packaging.Packaging("", form, precision, bits)


def _suggest(reference: Reference, names: Names) -> tuple[str, ...]:
    word = key_of(packaging.read(reference.name).base or reference.name)
    if reference.tag:
        word = f"{word}-{key_of(packaging.read(reference.tag).base)}".strip("-")
    own = frozenset(_WORDS.findall(word))
    telling = own - _COMMON
    sizes = {w for w in own if _SIZE.fullmatch(w)}
    limit = min(2, len(word) // 4)
    scored: list[tuple[bool, float, str]] = []
    for name in _sharing(telling | {f"^{word[:2]}"}, names):
        words = names.words[name]
        score = 1.0
        if limit and abs(len(name) - len(word)) <= limit and (distance := edit_distance(word, name, limit)) <= limit:
            score = distance / 10 - 1
        elif any(w.isalpha() for w in words & telling):
            overlap = len(words & own) / len(words | own)
            score = -overlap if overlap >= _ENOUGH_IN_COMMON else 1.0
        if score < 0:
            scored.append((not sizes <= words, score, name))
    best: dict[str, str] = {}
    for _, _, name in sorted(scored):
        known = names.aliases.get(name) or names.tails[name]
        best.setdefault(known, known if reference.hub and reference.owner else name)
    return tuple(best.values())[:_SUGGESTIONS]


def _sharing(words: Iterable[str], names: Names) -> set[str]:
    return set().union(*(names.by_word.get(word, ()) for word in words))
