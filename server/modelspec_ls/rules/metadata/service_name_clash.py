"""The name must not take an engine's environment variables.

## What it checks

Whether a Service called like the spec makes Kubernetes set a variable that the engine reads itself: `vllm` sets
`VLLM_PORT`, `sglang` sets `SGLANG_PORT`. Other names that start with the engine's prefix, such as `vllm-chat`, are
pointed out, because vLLM warns about every variable with its prefix that it does not know.

## Why it matters

For each Service, Kubernetes sets `<NAME>_PORT=tcp://10.0.0.1:80` in all pods of the namespace. An engine that takes
this for its own port fails at start-up, with a message that does not name the Service.

## Bad

```yaml
metadata:
  name: vllm
#       ^^^^ warning[service-name-clash]: makes Kubernetes set `VLLM_PORT=tcp
spec:
  identity:
    model:
      id: qwen3-8b
      family: qwen3
      task: chat-completion
      framework: vllm
  runtime:
    batch:
      maxSequenceLengthTokens: 4096
```

## Good

```yaml
metadata:
  name: qwen3-8b-vllm
spec:
  identity:
    model:
      id: qwen3-8b
      family: qwen3
      task: chat-completion
      framework: vllm
  runtime:
    batch:
      maxSequenceLengthTokens: 4096
```
"""

from __future__ import annotations

from collections.abc import Iterator

from modelspec_ls.core.finding import Finding, Fix, SetValue, Severity
from modelspec_ls.knowledge import kubernetes, variables
from modelspec_ls.rules.context import DocumentContext
from modelspec_ls.rules.meta import Rule
from modelspec_ls.rules.statements import stated
from modelspec_ls.spec.view import MODEL

from .name_not_dns_label import source

META = Rule(
    "MS153",
    "service-name-clash",
    "metadata",
    Severity.WARNING,
    "The name must not take an engine's environment variables",
    fixable=True,
)
_NAME = ("metadata", "name")


def check(ctx: DocumentContext) -> Iterator[Finding]:
    """Yield at most one finding, on the name."""
    name, engine = stated(ctx, *_NAME), ctx.deployment.engine_name
    own = variables.of_engine(engine) if engine else None
    slug = kubernetes.name_slug(name) if name else ""
    if own is None or engine is None or not slug:
        return
    sets = kubernetes.service_variables(slug)
    clash = next((variable for variable in sets if variable in own.names), None)
    if clash is None and not (own.strict and sets[0].startswith(own.prefix)):
        return
    fixes = tuple(_fix(ctx, slug, engine))
    other = fixes[0].title.removeprefix("Rename to ") if fixes else "one that starts with the model"
    if clash:
        message = (
            f"A Service called `{slug}` makes Kubernetes set `{clash}=tcp://…` in every pod of the namespace, which "
            f"{engine} reads as its own setting. Choose another name, such as {other}."
        )
        yield Finding(message, ctx.at(_NAME), fixes=fixes)
    else:
        message = (
            f"A Service called `{slug}` makes Kubernetes set `{sets[0]}` and others in every pod of the namespace; "
            f"{engine} warns about each as an unknown setting. A name such as {other} avoids that."
        )
        yield Finding(message, ctx.at(_NAME), Severity.INFORMATION, fixes=fixes)


def _fix(ctx: DocumentContext, slug: str, engine: str) -> Iterator[Fix]:
    """The model's name with the engine behind it, where that is another name without the same fault."""
    model = kubernetes.name_slug((stated(ctx, *MODEL, "id") or "").rpartition("/")[2])
    name = kubernetes.name_slug(f"{model}-{engine}") if model else ""
    if name and name != slug and not name.startswith(engine):
        yield Fix(f"Rename to `{name}`", (SetValue(ctx.at(_NAME), source(name)),))
