"""Settings must be readable and about things that exist.

## What it checks

`modelspec.toml`, and `[tool.modelspec]` in `pyproject.toml`: broken TOML, unknown keys, wrong values, rules and
accelerators that do not exist, files that cannot be extended.

What is wrong counts as not said; all other settings are in force.

## Why it matters

A setting with a typo does nothing, and nobody notices: the rule that was to be an error stays a hint.

## Bad

```toml title="modelspec.toml"
sellect = ["schema"]
ignore = ["artifact-not-pined"]

[severity]
scaling = "fatal"

[prices]
l400 = 0.71
```

## Good

```toml title="modelspec.toml"
select = ["all"]
ignore = ["artifact-not-pinned"]

[severity]
scaling = "error"

[prices]
l40s = 0.71
```

[All settings](../configuration.md).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from modelspec_ls.core.config import OVERRIDE_KEYS
from modelspec_ls.core.finding import Applicability, Finding, Fix, ReplaceSpan, Severity
from modelspec_ls.core.path import DocPath
from modelspec_ls.core.text import Span
from modelspec_ls.core.words import near
from modelspec_ls.knowledge import engines
from modelspec_ls.rules.configured import SettingsContext
from modelspec_ls.rules.meta import Rule
from modelspec_ls.rules.registry import all_rules, matches

META = Rule(
    "MS173", "invalid-configuration", "hints", Severity.ERROR, "Settings must be readable and about things that exist",
    fixable=True, scope="settings", on_broken=True,
)  # fmt: skip
_RULE_LISTS = ("select", "ignore")


def check(ctx: SettingsContext) -> Iterator[Finding]:
    """Yield mistakes, each at its key or value."""
    toml = ctx.settings.toml
    if toml.fault is not None:
        span, message = toml.fault
        yield Finding(f"Broken TOML; no setting of this file is in force: {message}", span)
        return
    for problem in ctx.settings.problems:
        where = ctx.key(problem.path) if problem.on_key else ctx.value(problem.path)
        fixes = (_change(where, problem.guess),) if problem.guess else ()
        yield Finding(problem.message, where, Severity.WARNING if problem.on_key else None, fixes=fixes)
    values: Any = toml.values
    for name in ctx.settings.section:
        values = values.get(name, {}) if isinstance(values, dict) else {}
    if isinstance(values, dict):
        yield from _names(ctx, values, ctx.settings.section)


def _names(ctx: SettingsContext, values: dict[str, Any], path: DocPath) -> Iterator[Finding]:
    """Names of rules, accelerators and engines that mean nothing."""
    for key in _RULE_LISTS:
        listed = values.get(key)
        for number, word in enumerate(listed if isinstance(listed, list) else []):
            if isinstance(word, str):
                yield from _rule(ctx, word, ctx.value((*path, key, number)), quoted=True)
    for key, judge in (("severity", _rule), ("prices", _accelerator), ("engines", _engine)):
        table = values.get(key)
        for name in table if isinstance(table, dict) else ():
            where = ctx.key((*path, key, name))
            yield from judge(ctx, name, where)
    overrides = values.get("overrides")
    for number, entry in enumerate(overrides if isinstance(overrides, list) else []):
        if isinstance(entry, dict) and "prices" not in OVERRIDE_KEYS:
            yield from _names(ctx, {k: v for k, v in entry.items() if k in OVERRIDE_KEYS}, (*path, "overrides", number))


def _rule(ctx: SettingsContext, word: str, where: Span, *, quoted: bool = False) -> Iterator[Finding]:
    rules = [module.rule for module in all_rules()]
    policies = ctx.scope.policies
    if any(matches(rule, word) for rule in rules) or (policies is not None and word in policies.names):
        return
    guess = near(word, [name for rule in rules for name in (rule.name, rule.category, rule.code)])
    hint = f"did you mean `{guess}`?" if guess else "`modelspec rule --all` lists them."
    fixes = (_change(where, f'"{guess}"' if quoted else guess),) if guess else ()
    yield Finding(f"There is no rule `{word}`; {hint}", where, Severity.WARNING, fixes=fixes)


def _engine(_: SettingsContext, name: str, where: Span) -> Iterator[Finding]:
    known = engines.engine_names()
    if name.casefold() in known:
        return
    guess = near(name, known)
    hint = f"did you mean `{guess}`?" if guess else f"there are {', '.join(known)}."
    fixes = (_change(where, guess),) if guess else ()
    yield Finding(f"There is no engine `{name}`; {hint}", where, Severity.WARNING, fixes=fixes)


def _accelerator(ctx: SettingsContext, name: str, where: Span) -> Iterator[Finding]:
    match = ctx.scope.catalogue.find_accelerator(name, None)
    if match.accelerator is not None and not match.ambiguous:
        return
    if match.ambiguous:
        ids = ", ".join(f"`{card.id}`" for card in match.candidates)
        yield Finding(f"`{name}` may be any of {ids}; name the one you pay for.", where, Severity.WARNING)
        return
    hint = "`modelspec catalog --accelerators` lists them."
    yield Finding(f"There is no accelerator `{name}`; {hint}", where, Severity.WARNING)


def _change(where: Span, name: str) -> Fix:
    plain = name.strip('"')
    return Fix(f"Change to `{plain}`", (ReplaceSpan(where, name),), Applicability.SAFE)
