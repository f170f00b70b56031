"""What is wrong in a policy beyond its schema, as findings with fixes."""

from __future__ import annotations

from collections.abc import Iterator

from modelspec_ls.core.finding import Applicability, Finding, Fix, Operation, RenameKey, SetValue, Severity, Where
from modelspec_ls.core.path import DocPath
from modelspec_ls.core.text import Span
from modelspec_ls.core.words import near
from modelspec_ls.policy.bundle import Source, parameter_flaws
from modelspec_ls.policy.model import Flaw, Policy
from modelspec_ls.rules.context import DocumentContext
from modelspec_ls.rules.policies import today
from modelspec_ls.rules.registry import all_rules, matches
from modelspec_ls.syntax.lookup import part_span
from modelspec_ls.syntax.nodes import Scalar, deref
from modelspec_ls.workspace.policies import policy_at


def flaws(ctx: DocumentContext) -> Iterator[Finding]:
    """Yield what keeps rules of a policy from being in force, and what in it does nothing."""
    number = ctx.document.number
    policy = policy_at(ctx.file, number)
    if policy is None:
        return
    for flaw in policy.flaws:
        yield _finding(ctx, flaw)
    for document, path, text in ctx.scope.faults:
        if document == number:
            yield Finding(text, ctx.at(path))
    group = ctx.scope.own
    params = group.params if group is not None else policy.params
    for flaw in parameter_flaws(policy, params):
        yield _finding(ctx, flaw)
    yield from _names(ctx, policy)
    yield from _prices(ctx, policy)
    yield from _past(ctx, policy)
    if not ctx.problems:
        yield from _empty(ctx, policy, group.sources if group is not None else ())


def _finding(ctx: DocumentContext, flaw: Flaw) -> Finding:
    where: Where = ctx.at(flaw.path, flaw.part)
    if flaw.at is not None and (inner := _inside(ctx, flaw.path, flaw.at)) is not None:
        where = inner
    operation: Operation | None = None
    if flaw.guess is not None:
        place = ctx.at(flaw.path, flaw.part)
        operation = RenameKey(place, flaw.guess) if flaw.part == "key" else SetValue(place, flaw.guess)
    applicability = Applicability.SAFE if flaw.sure else Applicability.SUGGEST
    fixes = (Fix(f"Change to `{flaw.guess}`", (operation,), applicability),) if operation is not None else ()
    return Finding(flaw.message, where, flaw.severity, fixes=fixes)


def _inside(ctx: DocumentContext, path: DocPath, at: int) -> Span | None:
    """The place of a character of a text, where each of its characters stands in the file as it is."""
    found = ctx.find(path)
    node = deref(found.node) if found is not None else None
    if found is None or not isinstance(node, Scalar):
        return None
    whole = part_span(ctx.tree, ctx.document, found, "value")
    source, lead = ctx.file.text[node.start : node.end], 0
    if node.style in {"|", ">"}:
        return _in_block(ctx.file.text, node, at)
    if node.style in {"'", '"'}:
        source, lead = source[1:-1], 1
    if source != node.value or at >= len(source):
        return whole
    start = node.start + lead + at
    end = start
    while end < node.end - lead and (ctx.file.text[end].isalnum() or ctx.file.text[end] in "_."):
        end += 1
    return Span(start, max(end, start + 1))


def _in_block(text: str, node: Scalar, at: int) -> Span | None:
    """In a block of lines: by its words, which folding and indentation leave as they are."""
    head = len("".join(node.value[:at].split()))
    seen, position = 0, text.find("\n", node.start, node.end)
    if position < 0:
        return None
    while position < node.end and (seen < head or text[position].isspace()):
        seen += not text[position].isspace()
        position += 1
    end = position
    while end < node.end and (text[end].isalnum() or text[end] in "_."):
        end += 1
    return Span(position, min(max(end, position + 1), node.end)) if position < node.end else None


def _names(ctx: DocumentContext, policy: Policy) -> Iterator[Finding]:
    """Names that belong to built-in rules, and words for built-in rules that name none."""
    rules = [module.rule for module in all_rules()]
    taken = {rule.name for rule in rules} | {rule.category for rule in rules} | {"all"}
    for rule in policy.rules:
        if rule.name in taken:
            message = f"`{rule.name}` is the name of a built-in rule or group; choose another."
            yield Finding(message, ctx.at((*rule.path, "name")))
    value = ctx.data.value
    spec = value.get("spec") if isinstance(value, dict) else None
    overrides = spec.get("overrides") if isinstance(spec, dict) else None
    for number, entry in enumerate(overrides if isinstance(overrides, list) else ()):
        words = entry.get("rules") if isinstance(entry, dict) else None
        for word in words if isinstance(words, dict) else ():
            if any(matches(rule, str(word)) for rule in rules):
                continue
            path = ("spec", "overrides", number, "rules", word)
            best = near(str(word), [name for rule in rules for name in (rule.name, rule.category, rule.code)])
            own = any(rule.name == word for rule in policy.rules)
            hint = "give the rule itself its `severity`." if own else "`modelspec rule --all` lists them."
            hint = f"did you mean `{best}`?" if best and not own else hint
            yield _finding(
                ctx, Flaw(path, f"There is no built-in rule `{word}`; {hint}", part="key", guess=None if own else best)
            )


def _prices(ctx: DocumentContext, policy: Policy) -> Iterator[Finding]:
    for name in policy.prices:
        match = ctx.catalogue.find_accelerator(name)
        if match.accelerator is not None and not match.ambiguous:
            continue
        hint = "`modelspec catalog --accelerators` lists them."
        if match.ambiguous:
            hint = f"it may be any of {', '.join(f'`{card.id}`' for card in match.candidates)}."
        message = f"`{name}` names no one accelerator; {hint}"
        yield Finding(message, ctx.at(("spec", "prices", name), "key"), Severity.WARNING)


def _past(ctx: DocumentContext, policy: Policy) -> Iterator[Finding]:
    day = today()
    for rule in policy.rules:
        for number, exemption in enumerate(rule.exempt):
            if exemption.until < day:
                message = (
                    f"The exemption of `{exemption.name}` ended on {exemption.until.isoformat()} and does not hold "
                    "any more. Remove it, or agree on a new date."
                )
                yield Finding(message, ctx.at((*rule.path, "exempt", number, "until")), Severity.WARNING)


def _empty(ctx: DocumentContext, policy: Policy, sources: tuple[Source, ...]) -> Iterator[Finding]:
    """Rules that ask for nothing, unless they change the severity of somebody else's."""
    bundle = ctx.scope.policies
    others = {r.name for s in sources if s.path != ctx.file.key for r in s.policy.rules}
    if bundle is not None:
        others |= {r.name for g in bundle.groups for s in g.sources if s.path != ctx.file.key for r in s.policy.rules}
    for rule in policy.rules:
        if rule.sort == "nothing" and not rule.broken and rule.name not in others:
            message = (
                f"`{rule.name}` asks for nothing, and no other policy here has a rule of this name. "
                "Add `require`, `forbid` or `expression`."
            )
            yield Finding(message, ctx.at((*rule.path, "name")))
