"""A Playground or Service claims one main model, and at most one draft.

## What it checks

The claims of llmaz Playgrounds and Services: that not both `modelClaim` and `modelClaims` are set; that roles are
`main` or `draft`, `main` where none is written; that exactly one model is the main one; that a draft goes with one main
model and is another model than that.

## Why it matters

llmaz refuses other roles and more than one draft. With two main models it serves the last and says nothing.

## Bad

```yaml
apiVersion: inference.llmaz.io/v1alpha1
kind: Playground
metadata:
  name: chat
spec:
  modelClaims:
    models:
      - name: opt-6--7b
      - name: opt-125m
#             ^^^^^^^^ warning[claim-roles]: is a second main model
```

## Good

```yaml
apiVersion: inference.llmaz.io/v1alpha1
kind: Playground
metadata:
  name: chat
spec:
  modelClaims:
    models:
      - name: opt-6--7b
      - name: opt-125m
        role: draft
```
"""

from __future__ import annotations

from collections.abc import Iterator

from modelspec_ls.core.finding import Finding, Fix, InsertPairs, Related, SetValue, Severity
from modelspec_ls.core.words import near, shorten
from modelspec_ls.rules.linked import LinkedContext
from modelspec_ls.rules.meta import CLAIMS, Rule
from modelspec_ls.workspace.entries import Reference

META = Rule(
    "OM111",
    "claim-roles",
    "openmodel",
    Severity.WARNING,
    "A Playground or Service claims one main model, and at most one draft",
    fixable=True,
    scope="workspace",
    kinds=CLAIMS,
)
_ROLES = ("main", "draft")
_ONE = ("spec", "modelClaim")
_MANY = ("spec", "modelClaims")


def check(ctx: LinkedContext) -> Iterator[Finding]:
    """Yield claims that contradict each other, on the second."""
    if ctx.stands(_ONE) and ctx.stands(_MANY):
        message = "`modelClaim` and `modelClaims` exclude each other. Delete one of the two."
        yield Finding(message, ctx.at(_MANY), related=(Related(ctx.at(_ONE), "the other one"),))
        return
    claims = [claim for claim in ctx.spec.references if claim.path()[:-2] == (*_MANY,)]
    for claim in claims:
        if claim.role not in _ROLES:
            yield _unknown(ctx, claim)
    mains = [claim for claim in claims if claim.role == "main"]
    drafts = [claim for claim in claims if claim.role == "draft"]
    for other in mains[1:]:
        yield _second(ctx, mains[0], other)
    for other in drafts[1:]:
        message = f"`{_name(other)}` is a second draft; llmaz takes one main model with one draft. Delete one of them."
        yield Finding(message, ctx.at(other.path("specRef")), related=_first(ctx, drafts[0], "the first draft"))
    if claims and not mains and all(claim.role in _ROLES for claim in claims):
        message = f"`{_name(drafts[0])}` is a draft, and no model is the main one. Claim the model that it drafts for."
        yield Finding(message, ctx.at(drafts[0].path("specRef")))
    elif len(mains) == 1 and len(drafts) == 1 and drafts[0].spec_ref and drafts[0].spec_ref == mains[0].spec_ref:
        message = f"`{_name(drafts[0])}` is the main model itself. A draft must be a smaller model."
        yield Finding(message, ctx.at(drafts[0].path("specRef")), related=_first(ctx, mains[0], "the main model"))


def _second(ctx: LinkedContext, first: Reference, other: Reference) -> Finding:
    fixes: tuple[Fix, ...]
    if ctx.stands(other.path("role")):
        fixes = (Fix("Make it the draft", (SetValue(ctx.at(other.path("role")), "draft"),)),)
    else:
        fixes = (Fix("Make it the draft", (InsertPairs(ctx.at(other.path()), (("role", "draft"),)),)),)
    message = f"`{_name(other)}` is a second main model; only one is served. Give it `role: draft`, or delete it."
    return Finding(
        message, ctx.at(other.path("specRef")), related=_first(ctx, first, "the first main model"), fixes=fixes
    )


def _unknown(ctx: LinkedContext, claim: Reference) -> Finding:
    where = ctx.at(claim.path("role"))
    guess = near(claim.role, _ROLES) if claim.role else None
    said = f"`{shorten(claim.role)}`" if claim.role else "This"
    message = f"{said} is not a role that llmaz knows; it takes `main` and `draft`."
    fixes = (Fix(f"Write `{guess}`", (SetValue(where, guess),)),) if guess else ()
    return Finding(message, where, fixes=fixes)


def _first(ctx: LinkedContext, claim: Reference, what: str) -> tuple[Related, ...]:
    return (Related(ctx.at(claim.path("specRef")), what),)


def _name(claim: Reference) -> str:
    return shorten(claim.spec_ref) or "This"
