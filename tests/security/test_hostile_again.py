"""What a hostile tester found: long work, credentials in other spellings, links that lead out, names with controls."""

import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner

from modelspec_ls.analysis import check_document, check_links, not_shown, resolve_fix
from modelspec_ls.cli.main import modelspec
from modelspec_ls.core.config import Limits
from modelspec_ls.core.text import apply_edits
from modelspec_ls.ide import pipeline
from modelspec_ls.ide.code_actions import fix_all
from modelspec_ls.ide.move import move
from modelspec_ls.knowledge import secrets
from modelspec_ls.knowledge.engines import version_key
from modelspec_ls.lsp.handlers.watched_files import changed
from modelspec_ls.lsp.server import create_server
from modelspec_ls.workspace.checkpoint_io import Stop, parse
from modelspec_ls.workspace.credentials import secrets_in
from modelspec_ls.workspace.document import Document
from modelspec_ls.workspace.facts import file_facts
from modelspec_ls.workspace.graph import Graph
from modelspec_ls.workspace.ignores import is_tame
from modelspec_ls.workspace.pipeline import totals
from modelspec_ls.workspace.settings import settings_of
from modelspec_ls.workspace.snapshot import Snapshot
from support.links import needs_links
from support.specs import spec

TOKEN = "hf_ThisIsNoRealTokenButLooksLike1234"


def check(text, uri="file:///w/a.modelspec.yaml"):
    document = Document(uri, text)
    return check_document(Snapshot().with_document(document), document.uri)


def run(*args):
    return CliRunner().invoke(modelspec, list(args), prog_name="modelspec")


@pytest.mark.timeout(30)
@pytest.mark.parametrize(
    "text",
    [
        json.dumps({"kind": "ModelSpec", "a": [{"a": 1}] * 20_000}),
        "# modelspec-ignore: MS101\n" * 8_000 + spec(),
        spec() + "# modelspec-ignore: MS101\n" * 8_000,
        spec(count="1" + ":1" * 100_000),
        spec(count="0" + "7" * 20_000),
        spec().replace("piqc.ai/v1alpha1", "0" + "7" * 20_000),
    ],
    ids=["one line", "suppressions", "suppressions of nothing", "base 60", "octal", "octal version"],
)
def test_work_on_a_text_is_bounded(text):
    assert "MS000" not in {found.code for found in check(text)}


@pytest.mark.timeout(60)
def test_all_mistakes_are_mended_at_once():
    """Also those beyond the findings that are shown, and in about the time of a check."""
    labels = "".join(f"    k{n}: yes\n" for n in range(20_000))
    document = Document("file:///w/a.modelspec.yaml", f"kind: ModelSpec\nmetadata:\n  name: a\n  labels:\n{labels}")
    text = apply_edits(document.text, fix_all(Snapshot().with_document(document), document.uri))
    assert text.count('"yes"') == 20_000
    assert len(check(text)) < 20


@pytest.mark.timeout(60)
@pytest.mark.parametrize("flow", [True, False])
def test_every_fix_of_keys_that_stand_twice_is_found(flow):
    pairs = [f"k{n % 5_000}: &a{n} v" for n in range(10_000)]
    labels = "{" + ", ".join(pairs) + "}" if flow else "\n    " + "\n    ".join(pairs)
    document = Document("file:///w/a.modelspec.yaml", f"kind: ModelSpec\nmetadata:\n  labels: {labels}\n")
    found = check_document(Snapshot().with_document(document), document.uri)
    fixes = [fix for d in (*found, *not_shown(document)) for fix in d.fixes if fix.title.startswith("Delete")]
    assert len(fixes) == 10_000
    assert all(resolve_fix(document, fix) for fix in fixes)


@pytest.mark.timeout(60)
def test_a_file_of_thousands_of_documents():
    """Asked for everything about each of them: dependants, names that clash, what is behind a reference."""
    parts = [
        f"kind: ModelSpec\napiVersion: piqc.ai/v1alpha1\nmetadata:\n  name: {'same' if n % 2 else f's-{n}'}\nspec:\n"
        f"  pipeline:\n    dependencies:\n      - {{id: x, role: custom, specRef: 'a.modelspec.yaml#s-{n // 8 * 2}'}}\n"
        for n in range(4_000)
    ]
    document = Document("file:///w/a.modelspec.yaml", "---\n".join(parts))
    graph = Graph().with_files({document.key: file_facts(document)})
    around = Snapshot().with_document(document).with_graph(graph)
    assert (
        sum("and 1998 more" in d.message for d in check_links(graph, document.key, around.scope(document.uri))) == 2_000
    )
    assert sum(lens.title.startswith("Used by") for lens in pipeline.lenses(around, document.uri)) == 500


def test_totals_of_a_long_circle_are_counted_within_bounds(monkeypatch):
    counted = []
    monkeypatch.setattr(pipeline, "totals", lambda *a, **k: counted.append(totals(*a, **k)) or counted[-1])
    parts = [
        f"kind: ModelSpec\napiVersion: piqc.ai/v1alpha1\nmetadata:\n  name: s-{n}\nspec:\n  pipeline:\n"
        f"    dependencies:\n      - {{id: x, role: custom, specRef: 'a.modelspec.yaml#s-{(n + 1) % 500}'}}\n"
        for n in range(500)
    ]
    document = Document("file:///w/a.modelspec.yaml", "---\n".join(parts))
    graph = Graph().with_files({document.key: file_facts(document)})
    pipeline.lenses(Snapshot().with_document(document).with_graph(graph), document.uri)
    assert 0 < sum(found.specs for found in counted) <= pipeline._MOST_COUNTED + 500


@pytest.mark.timeout(30)
def test_thousands_of_files_move_at_once():
    facts = file_facts(Document("file:///w/a.modelspec.yaml", spec()))
    graph = Graph().with_files({f"/w/d{n}/a.modelspec.yaml": facts for n in range(5_000)})
    around = Snapshot().with_graph(graph)
    renames = {f"/w/x{n}": f"/w/y{n}" for n in range(100_000)}
    assert move(around, renames, ()).edits == ()


@pytest.mark.timeout(30)
async def test_thousands_of_folders_are_gone_at_once():
    server = create_server()
    facts = file_facts(Document("file:///w/a.modelspec.yaml", spec()))
    graph = Graph().with_files({f"/none/d{n}/a.modelspec.yaml": facts for n in range(5_000)})
    server.session.snapshot = server.session.snapshot.with_graph(graph)
    changed(server, [f"file:///none/d{n}" for n in range(4_000, 60_000)])
    assert len(server.session.snapshot.graph.files) == 4_000


@pytest.mark.timeout(20)
def test_a_header_with_many_keys_and_one_twice_is_refused_at_once():
    header = "{" + ",".join(f'"k{n}":{n}' for n in range(30_000)) + ',"k1":2}'
    with pytest.raises(Stop, match="'k1' twice"):
        parse(header.encode(), "x.safetensors", strict=True)


@pytest.mark.timeout(30)
def test_patterns_with_many_stars_match_nothing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    stars = "*a" * 12 + "*b"
    assert not is_tame(stars) and is_tame("**/deploy/*-*.modelspec.*") and is_tame("!/a/**/b*/**")
    Path(".git").mkdir()
    Path(".gitignore").write_text(f"{stars}\nskipped.*\n", encoding="utf-8")
    Path("modelspec.toml").write_text(f'[[overrides]]\npaths = ["{stars}"]\nignore = ["MS1"]\n', encoding="utf-8")
    for name in ("a" * 100, "skipped"):
        Path(f"{name}.modelspec.yaml").write_text(spec(), encoding="utf-8")
    assert "Checked 1 file" in run("check").stdout


def test_policies_on_other_machines_are_not_asked_for(monkeypatch):
    asked = []
    monkeypatch.setattr("modelspec_ls.workspace.settings.os.path.exists", lambda path: asked.append(path) or False)
    found = settings_of("/w/modelspec.toml", 'policies = ["//evil/share/p.yaml"]\n', Limits())
    assert asked == [] and "another machine" in found.problems[0].message


def test_a_version_of_any_length_is_compared():
    assert version_key("0." + "9" * 6_000) > version_key("0.9")
    assert "MS000" not in {
        d.code for d in check(spec(metadata=f'annotations: {{modelspec/engine: "vllm=={"9" * 6000}"}}\n'))
    }


@pytest.mark.parametrize("text", [spec(type=f'"hf\\x5f{TOKEN[3:]}"'), spec(count=f'"hf\\x5f{TOKEN[3:]}"')])
def test_credentials_are_not_repeated_whatever_they_are_written_as(text, tmp_path, monkeypatch):
    document = Document("file:///w/a.modelspec.yaml", text)
    assert TOKEN in secrets_in(document)
    found = check(text)
    assert "MS607" in {d.code for d in found}
    assert not [d for d in found if TOKEN in d.message or any(TOKEN in fix.title for fix in d.fixes)]
    monkeypatch.chdir(tmp_path)
    Path("a.modelspec.yaml").write_text(text, encoding="utf-8")
    for args in (["check"], ["fit"], ["fit", "--format", "json"], ["graph"], ["graph", "--format", "svg"]):
        assert TOKEN not in run(*args).output, args


def test_a_credential_is_hidden_beside_letters_that_grow():
    assert TOKEN not in secrets.hidden(f"İİ {TOKEN} İ", (TOKEN,))


@needs_links
@pytest.mark.parametrize("command", [["fmt"], ["check", "--fix"]])
def test_nothing_is_written_through_a_link_that_leads_out(tmp_path, monkeypatch, command):
    work, other = tmp_path / "work", tmp_path / "config"
    work.mkdir()
    text = spec(framework="VLLM").replace("  identity:", "  identity:   ")
    other.write_text(text, encoding="utf-8")
    (work / "n.modelspec.yaml").symlink_to(other)
    monkeypatch.chdir(work)
    run(*command, ".")
    assert other.read_text(encoding="utf-8") == text


@pytest.mark.skipif(os.name == "nt", reason="no such names there")
def test_names_of_files_are_shown_without_controls(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    name = "a\x1b]0;x\x07\n.modelspec.yaml"
    Path(name).write_text("kind: Service\n", encoding="utf-8")
    for args in (["check", name], ["fmt", name], ["graph"]):
        assert "\x1b" not in run(*args).output, args
