"""ModelSpec texts for tests: a small valid one, fragments made whole, and what the checks say about a text."""

import re

from modelspec_ls.analysis import check_document, resolve_fix
from modelspec_ls.core.config import Config
from modelspec_ls.core.text import apply_edits
from modelspec_ls.workspace.document import Document

from .workspace import opened

# What a text is as text and by the schema. What it means for a deployment has tests of its own.
CONFIG = Config(select=("syntax", "schema"))
MODEL = """\
    model:
      id: qwen3-8b
      family: qwen3
      task: chat-completion
      framework: transformers
"""
ACCELERATOR = """\
    accelerator:
      vendor: nvidia
      type: l40s
      count: 1
"""
MINIMAL = f"""\
apiVersion: piqc.ai/v1alpha1
kind: ModelSpec
metadata:
  name: example
spec:
  identity:
{MODEL}  runtime:
{ACCELERATOR}"""

# The first line of a row of a workspace's catalogue in an example.
_PATH = "# .modelspec/"
# What a document needs: for each block its lines, or the blocks below it.
_NEEDED = {
    "apiVersion": "apiVersion: piqc.ai/v1alpha1\n",
    "kind": "kind: ModelSpec\n",
    "metadata": {"name": "  name: example\n"},
    "spec": {"identity": {"model": MODEL}, "runtime": {"accelerator": ACCELERATOR}},
}


def complete(fragment):
    """The fragment with the required keys it leaves out, added at the end of their blocks and nowhere else.

    What begins with the path of another sort of file is whole, and so are objects of llmaz.
    """
    if fragment.startswith((_PATH, "apiVersion: modelspec-policy/")) or "llmaz.io/" in fragment:
        return fragment
    lines = fragment.splitlines(keepends=True)
    _fill(lines, 0, len(lines), 0, _NEEDED)
    return "".join(lines)


def _fill(lines, start, end, indent, needed):
    """Returns how many lines were added."""
    added = 0
    for key, content in needed.items():
        found = next((i for i in range(start, end + added) if lines[i].startswith(f"{' ' * indent}{key}:")), None)
        if found is None:
            new = _render(key, content, indent).splitlines(keepends=True)
            lines[end + added : end + added] = new
            added += len(new)
        elif isinstance(content, dict) and not lines[found].partition(":")[2].split("#")[0].strip():
            until = found + 1
            while until < end + added and not _leaves(lines[until], indent):
                until += 1
            added += _fill(lines, found + 1, until, indent + 2, content)
    return added


def _leaves(line, indent):
    """Whether a line ends the block that a key at an indentation opens. Comments and blank lines do not."""
    body = line.lstrip(" ")
    return bool(body.strip()) and not body.startswith("#") and len(line) - len(body) <= indent


def _render(key, content, indent):
    if isinstance(content, str):
        return content
    return f"{' ' * indent}{key}:\n" + "".join(_render(k, c, indent + 2) for k, c in content.items())


def spec(below_spec="", metadata="", **values):
    """The small spec with blocks added below ``spec`` and ``metadata``, and scalars exchanged by key."""
    text = MINIMAL.replace("  name: example\n", f"  name: example\n{_indented(metadata, 2)}")
    for key, value in values.items():
        text, count = re.subn(rf"(?m)^( *{key}:) .*$", lambda m, v=value: f"{m[1]} {v}".rstrip(), text, count=1)
        assert count, key
    return text + _indented(below_spec, 2)


def _indented(text, by):
    return "".join(f"{' ' * by}{line}" if line.strip() else line for line in text.splitlines(keepends=True))


def diagnose(text, name="x.modelspec.yaml", config=CONFIG):
    """The findings of a text, as the command line and the editor would show them where it is the only file."""
    if text.startswith(_PATH):
        name = text.partition("\n")[0].removeprefix("# ")
    document = Document(f"file:///ws/{name}", text, claimed=True)
    return check_document(opened(document, roots=("/ws",), config=config), document.uri)


def brief(text, name="x.modelspec.yaml", config=CONFIG):
    """``severity code pointer`` of each finding, in order."""
    return [f"{d.severity.label} {d.code} {d.pointer}".rstrip() for d in diagnose(text, name, config)]


def fixed(text, fix, name="x.modelspec.yaml"):
    """The text after a fix; None where the fix no longer applies."""
    edits = resolve_fix(Document(name, text, claimed=True), fix)
    return apply_edits(text, edits) if edits else None
