"""Environment variables must be ones that something reads.

## What it checks

Names in `environment.variables` that are close to a well-known one: of the engine (every name that a release of vLLM
or SGLang reads), of CUDA, NCCL, PyTorch and the Hugging Face libraries. Also names with vLLM's prefix that no release
defines, and `VLLM_PORT` or `VLLM_HOST_IP`, which are not the server's address.

## Why it matters

A variable with a misspelt name is ignored without a word. vLLM warns about unknown names with its prefix, and can be
told to stop.

## Bad

```yaml
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
    environment:
      variables:
        VLLM_LOG_LEVEL: "INFO"
#       ^^^^^^^^^^^^^^ warning[unknown-engine-variable]: did you mean `VLLM_LOGGING_LEVEL`?
        TOKENIZER_PARALLELISM: "false"
#       ^^^^^^^^^^^^^^^^^^^^^ warning[unknown-engine-variable]: did you mean `TOKENIZERS_PARALLELISM`?
```

## Good

```yaml
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
    environment:
      variables:
        VLLM_LOGGING_LEVEL: "INFO"
        TOKENIZERS_PARALLELISM: "false"
        MY_TEAM_FLAG: "1"
```
"""

from __future__ import annotations

from collections.abc import Iterator

from modelspec_ls.core.finding import Applicability, Finding, Fix, RenameKey, Severity
from modelspec_ls.core.words import shorten
from modelspec_ls.knowledge import variables
from modelspec_ls.knowledge.variables import EngineVariables
from modelspec_ls.rules.context import DocumentContext
from modelspec_ls.rules.meta import Rule
from modelspec_ls.spec.view import SERVING

META = Rule(
    "MS606",
    "unknown-engine-variable",
    "serving",
    Severity.WARNING,
    "Environment variables must be ones that something reads",
    fixable=True,
    about=("spec.runtime.environment",),
)
VARIABLES = ("spec", "runtime", "environment", "variables")


def check(ctx: DocumentContext) -> Iterator[Finding]:
    """Yield unknown names, on the name."""
    names = ctx.view.keys(*VARIABLES)
    engine = ctx.deployment.engine_name or "" if names else ""
    own = variables.of_engine(engine)
    for name in names:
        path = (*VARIABLES, name)
        best = variables.meant(name, engine)
        if best is not None:
            reads = engine if own and best in own.names else "any library that is known"
            rename = RenameKey(ctx.at(path, "pair"), best)
            free = best not in names
            fixes = (Fix(f"Rename to `{best}`", (rename,), Applicability.SAFE),) if free else ()
            message = f"`{shorten(name)}` is not read by {reads}; did you mean `{best}`?"
            yield Finding(message, ctx.at(path, "key"), fixes=fixes)
        elif own is not None and own.strict and name.startswith(own.prefix) and not own.known(name):
            message = (
                f"`{shorten(name)}` is not read by {engine} {own.releases}, which warns about it at start-up. Correct "
                "the name, or use another prefix for variables of your own."
            )
            yield Finding(message, ctx.at(path, "key"), Severity.INFORMATION)
        elif own is not None and name in own.internal:
            yield from _internal(ctx, name, own)


def _internal(ctx: DocumentContext, name: str, own: EngineVariables) -> Iterator[Finding]:
    """The engine's own port set to that of the server; an address where there is only one node."""
    value, port = ctx.view.text(*VARIABLES, name).value, ctx.view.integer(*SERVING, "port").value
    what = own.internal[name]
    if value is None or (what == "port" and value.strip() != str(port)):
        return
    place = "the server's port is `--port`" if what == "port" else "the server's address is `--host`"
    message = f"`{name}` is the engine's own {what} for talk between its processes; {place}."
    yield Finding(message, ctx.at((*VARIABLES, name), "key"), Severity.INFORMATION)
