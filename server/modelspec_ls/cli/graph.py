"""``modelspec graph``: which specs depend on which, as text, a diagram or data."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import click
from attrs import evolve

from modelspec_ls.core.finding import Severity

from .inputs import STDIN, inputs, key_of_path, missing, path_of, snapshot_of, uri_of
from .options import FAILED, FOUND_ERRORS
from .render.source import as_json, readable, safe
from .render.style import TextStyle, colored, unicode_output

if TYPE_CHECKING:
    from modelspec_ls.core.text import Mark
    from modelspec_ls.workspace.document import Document
    from modelspec_ls.workspace.facts import FileFacts
    from modelspec_ls.workspace.graph import Graph, Node
    from modelspec_ls.workspace.picture import Picture
    from modelspec_ls.workspace.snapshot import Snapshot

FORMATS = ("text", "mermaid", "dot", "json", "svg")


@click.command(short_help="Show which specs depend on which.")
@click.argument("paths", nargs=-1, type=click.Path(readable=False))
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", help="How to draw the graph.")
@click.option("--root", metavar="NAME", help="Only the spec of this name or file, with all it hangs together with.")
@click.option("--output", metavar="FILE", type=click.Path(dir_okay=False), help="Write to a file.")
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto", help="Whether to colour text.")
@click.pass_context
def graph(
    ctx: click.Context, *, paths: tuple[str, ...], form: str, root: str | None, output: str | None, color: str
) -> None:
    """Show which specs depend on which, with memory verdicts; broken references and circles are marked.

    \b
    modelspec graph                                  all specs below this folder, as trees
    modelspec graph --root rag-llm                   one spec with what it needs and who needs it
    modelspec graph --format mermaid specs/          for Markdown
    modelspec graph --format svg --output graph.svg  a picture

    Exit status: 0 every reference leads to a spec and none in a circle, 1 some do not, 2 wrong usage or a path
    that cannot be read.
    """  # noqa: D301  # Click wants the control character, not a backslash.
    from modelspec_ls.knowledge.secrets import hidden, ordered
    from modelspec_ls.workspace.credentials import secrets_in
    from modelspec_ls.workspace.picture import as_data, picture
    from modelspec_ls.workspace.pipeline import Load
    from modelspec_ls.workspace.snapshot import Snapshot

    from .gather import gathered
    from .render.graph import render_dot, render_mermaid, render_text
    from .render.graph_svg import render_svg

    paths = paths or (".",)
    gone = missing(paths)
    for message in gone.values():
        click.echo(f"modelspec graph: {message}", err=True)
    named = [path for path in paths if path not in gone]
    if not named:
        ctx.exit(FAILED)
    around, failed = Snapshot(), bool(gone)
    documents: dict[str, Document] = {}
    for source in inputs(named, "stdin.modelspec.yaml", around.config):
        if source.document is not None:
            documents[source.key] = source.document
            around = snapshot_of(source, around)
        elif source.fault is not None and source.fault.severity is Severity.ERROR:
            failed = True
            click.echo(f"modelspec graph: {safe(source.path)}: {safe(source.fault.message)}", err=True)
    around = evolve(around, documents={document.uri: document for document in documents.values()})
    found = gathered(_facts(documents), [path for path in named if path != STDIN], around)
    start = _root(found, root) if root is not None else None
    load = Load(around)
    drawn = picture(found, start, load, _counter(found, documents, around))
    style = TextStyle(color=form == "text" and output is None and colored(color))
    if form == "json":
        text = as_json(as_data(drawn, _range, lambda key: readable(path_of(uri_of(key)))))
    elif form == "text":
        text = render_text(drawn, found, load, style, ascii_only=output is None and not unicode_output())
    else:
        text = {"mermaid": render_mermaid, "dot": render_dot, "svg": render_svg}[form](drawn)
    # Output ends up in logs.
    text = hidden(text, ordered(secret for document in documents.values() for secret in secrets_in(document)))
    if output is not None:
        from .writing import write_as_asked

        write_as_asked(output, text.rstrip("\n") + "\n")
    else:
        click.echo(text.rstrip("\n"), color=style.color)
    ctx.exit(FAILED if failed else FOUND_ERRORS if _broken(drawn) else 0)


def _broken(drawn: Picture) -> bool:
    """Whether a reference leads to no spec, or round in a circle."""
    return any(e.status in {"missing", "not-modelspec"} or e.in_cycle for e in drawn.edges)


def _facts(documents: dict[str, Document]) -> dict[str, FileFacts]:
    from modelspec_ls.workspace.facts import file_facts

    return {key: file_facts(document) for key, document in documents.items()}


def _root(found: Graph, word: str) -> Node:
    """The spec that a name or a path means."""
    from modelspec_ls.core.words import code_list, near
    from modelspec_ls.workspace.graph import Node

    named = found.named(word)
    if len(named) > 1:
        files = code_list(path_of(uri_of(node.key)) for node, _ in named)
        raise click.UsageError(f"`--root {word}` is the name of {len(named)} specs, in {files}. Give the path of one.")
    if named:
        return named[0][0]
    key = key_of_path(word)
    facts = found.files.get(key)
    if facts is not None and facts.specs:
        return Node(key, facts.specs[0].document)
    guess = near(word, found.names())
    hint = f"did you mean `{guess}`?" if guess else "give the name of a spec, or the path of its file."
    raise click.UsageError(f"`--root {word}` names no spec; {hint}")


def _counter(found: Graph, documents: dict[str, Document], around: Snapshot) -> Callable[[Node], tuple[int, int]]:
    def count(node: Node) -> tuple[int, int]:
        from modelspec_ls.analysis import check_links, examine

        document = documents.get(node.key)
        own = examine(document, around).diagnostics if document is not None else ()
        linked = check_links(found, node.key, around.scope(uri_of(node.key)))
        levels = [d.severity for d in (*own, *linked) if d.document == node.document]
        return levels.count(Severity.ERROR), levels.count(Severity.WARNING)

    return count


def _range(mark: Mark) -> dict[str, dict[str, int]]:
    start, end = ({"line": at.line, "character": at.character} for at in mark.range("utf-16"))
    return {"start": start, "end": end}
