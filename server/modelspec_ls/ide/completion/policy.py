"""Completion in policies: field paths, the matchers that suit a field, its values, built-in rules."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import evolve

from modelspec_ls.core.path import DocPath
from modelspec_ls.ide.catalogue import accelerator_line, accelerator_names
from modelspec_ls.ide.describe import field_markdown, field_type
from modelspec_ls.ide.results import CompletionItem
from modelspec_ls.knowledge.vocabularies import vocabulary
from modelspec_ls.policy.compile import PARAMS
from modelspec_ls.policy.fields import DERIVED, FieldPath, all_paths, field, subjects
from modelspec_ls.policy.matchers import MATCHERS
from modelspec_ls.rules.registry import all_rules
from modelspec_ls.schema import navigate
from modelspec_ls.syntax.data import to_data

from .keys import insert_item
from .request import Request

FIELD_MAPS = frozenset({"require", "forbid", "fields"})
"""Keys below which field paths are keys."""
_ENVIRONMENTS = ("prod", "staging", "test", "dev")
_LISTS = frozenset({"in", "notIn"})
_TYPE = "spec.runtime.accelerator.type"


def is_field_map(path: DocPath) -> bool:
    """Whether the keys at a path of a policy are field paths."""
    return bool(path) and path[-1] in FIELD_MAPS and _in_rules(path)


def matched_field(path: DocPath) -> str | None:
    """The field that a place below ``require``, ``forbid`` or ``fields`` is about."""
    for number, part in enumerate(path[:-1]):
        if part in FIELD_MAPS and _in_rules(path[: number + 1]):
            found = path[number + 1]
            return found if isinstance(found, str) else None
    return None


def _in_rules(path: DocPath) -> bool:
    return path[:2] == ("spec", "rules") and len(path) > 3


def takes_values(request: Request) -> bool:
    """Whether the cursor is in a list of plain values, whose items the schema says nothing of."""
    path = request.context.path
    holder = path[-2] if path and isinstance(path[-1], int) and len(path) > 1 else path[-1] if path else None
    return holder in _LISTS and matched_field(path) is not None


def policy_keys(request: Request) -> list[CompletionItem] | None:
    """Keys of a policy that its schema does not list; None where the schema knows better."""
    path = request.context.path
    if is_field_map(path):
        return list(_field_keys(request))
    if path[:2] == ("spec", "overrides") and path[-1] == "rules":
        return list(_rule_keys(request))
    if path == ("spec", "prices"):
        return list(_price_keys(request))
    return None


def suits(request: Request, name: str) -> bool:
    """Whether a matcher can judge the field that the cursor is below."""
    text = matched_field(request.context.path)
    found = _field(request, text) if text is not None else None
    known = MATCHERS.get(name)
    if found is None or known is None:
        return True
    if name == "uniqueIn":
        return found.many
    return not known.suits or not found.type or found.type in known.suits


def _field_keys(request: Request) -> Iterator[CompletionItem]:
    for text in dict.fromkeys(path for kind in _kinds(request) for path in all_paths(kind)):
        found = _field(request, text)
        if found is None or text in request.context.present:
            continue
        yield insert_item(
            request,
            text,
            text if request.context.has_colon else f"{text}: {{$1}}",
            detail=field_type(found.schema),
            documentation=field_page(found),
            retrigger=True,
        )


def field_page(found: FieldPath) -> str:
    """What a field means, for people who write policies."""
    if found.derived:
        about = DERIVED[found.derived]
        return f"**{found.text}** — worked out, {field_type(found.schema)}\n\n{about.description}"
    return field_markdown(found.schema, found.schema_path, required=False)


def _rule_keys(request: Request) -> Iterator[CompletionItem]:
    levels = "${1|error,warning,information,hint,off|}"
    for module in all_rules():
        rule = module.rule
        if rule.name not in request.context.present and rule.category not in {"policy", "internal"}:
            yield insert_item(
                request,
                rule.name,
                rule.name if request.context.has_colon else f"{rule.name}: {levels}",
                detail=f"{rule.code}, {rule.severity.label}",
                documentation=rule.summary,
            )
    for group in dict.fromkeys(module.rule.category for module in all_rules()):
        if group not in request.context.present:
            yield insert_item(
                request, group, group if request.context.has_colon else f"{group}: {levels}", detail="all of the group"
            )


def _price_keys(request: Request) -> Iterator[CompletionItem]:
    for card in request.catalogue.all_accelerators:
        if card.id not in request.context.present:
            key = card.id if request.context.has_colon else f"{card.id}: $1"
            yield insert_item(request, card.id, key, detail=accelerator_line(card))


def policy_values(request: Request) -> Iterator[CompletionItem]:
    """What may stand at a place of a policy, beyond the choices of its schema."""
    path = request.context.path
    names = [part for part in path if isinstance(part, str)]
    last = names[-1] if names else ""
    text = matched_field(path)
    if text is not None and last in MATCHERS:
        found = _field(request, text)
        if not isinstance(path[-1], int):
            yield from _parameters(request)
        if found is not None and last in {"equals", "in", "notIn"}:
            whole = last != "equals" and not isinstance(path[-1], int) and not request.context.braces
            for item in _of_field(request, found):
                yield _as_list(item) if whole else item
    elif last == "at" or (last == "fix" and not request.context.flow):
        if last == "fix":
            for word, meaning in (("set", "the value that satisfies"), ("remove", "the field"), ("none", "no fix")):
                yield request.value_item(word, kind="enum", detail=meaning)
            return
        for known in dict.fromkeys(p for kind in _kinds(request) for p in all_paths(kind)):
            yield request.value_item(known, kind="reference")
    elif last == "kinds":
        for kind in subjects():
            yield request.value_item(kind, kind="enum")
    elif last == "environments":
        for word in _ENVIRONMENTS:
            yield request.value_item(word, kind="enum")
    elif last == "expect":
        for name in _own_rules(request):
            yield request.value_item(name, kind="reference")


def _as_list(item: CompletionItem) -> CompletionItem:
    """A list with the one value, behind a key that takes lists."""
    lead = item.plain[: len(item.plain) - len(item.plain.lstrip())]
    text = f"{lead}[{item.plain.lstrip()}]"
    return evolve(item, insert=text, plain=text)


def _of_field(request: Request, found: FieldPath) -> Iterator[CompletionItem]:
    meanings = navigate.notes(found.schema).get("enumDescriptions", {})
    for choice in navigate.choices(found.schema):
        yield request.value_item(choice, kind="enum", detail=str(meanings.get(choice, "")))
    words = vocabulary(found.vocabulary)
    for term in words.terms if words is not None else ():
        yield request.value_item(term.value, kind="enum", detail=term.description)
    if found.text == _TYPE:
        for name, card in accelerator_names("", request.catalogue):
            yield request.value_item(name, kind="module", detail=accelerator_line(card))
    if found.derived == "verdict":
        for word in ("fits", "tight", "batch-exceeds", "sequence-exceeds", "weights-exceed"):
            yield request.value_item(word, kind="enum")
    if found.derived == "environment":
        for word in _ENVIRONMENTS:
            yield request.value_item(word, kind="enum")
    for example in found.schema.get("examples", ()):
        if isinstance(example, (str, int, float)):
            yield request.value_item(example, detail="example")


def _parameters(request: Request) -> Iterator[CompletionItem]:
    group = request.snapshot.scope(request.document.uri).own
    params = dict(group.params) if group is not None else {}
    own = _spec(request).get("params")
    params |= own if isinstance(own, dict) else {}
    for name in params:
        yield request.value_item(f"{PARAMS}{name}", kind="reference", detail="a parameter of the policy")


def _own_rules(request: Request) -> Iterator[str]:
    rules = _spec(request).get("rules")
    for rule in rules if isinstance(rules, list) else ():
        if isinstance(rule, dict) and isinstance(rule.get("name"), str):
            yield rule["name"]


def _spec(request: Request) -> dict[str, object]:
    documents = request.document.tree.documents
    value = to_data(documents[min(request.context.document, len(documents) - 1)].root).value
    spec = value.get("spec") if isinstance(value, dict) else None
    return spec if isinstance(spec, dict) else {}


def _kinds(request: Request) -> tuple[str, ...]:
    """The kinds of documents that the rule at the cursor is about."""
    path = request.context.path
    rules = _spec(request).get("rules")
    at = path[2] if len(path) > 2 else None
    rule = rules[at] if isinstance(rules, list) and isinstance(at, int) and at < len(rules) else None
    match = rule.get("match") if isinstance(rule, dict) else None
    kinds = match.get("kinds") if isinstance(match, dict) else None
    found = tuple(kind for kind in kinds if kind in subjects()) if isinstance(kinds, list) else ()
    return found or ("ModelSpec",)


def _field(request: Request, text: str) -> FieldPath | None:
    return field(text, _kinds(request))
