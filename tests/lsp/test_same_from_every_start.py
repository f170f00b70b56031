"""Wherever one starts, in the editor or on the command line, a file has the same findings, open or not."""

import asyncio
import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from lsprotocol import types

from modelspec_ls.analysis import check_document
from modelspec_ls.cli.main import modelspec
from modelspec_ls.lsp.capabilities import ClientFeatures
from modelspec_ls.lsp.indexing import index_folders
from modelspec_ls.lsp.session import Session
from modelspec_ls.lsp.workspace import WorkspaceReports
from support.specs import spec


def depending(*refs):
    entries = "".join(f"    - id: dep-{n}\n      role: custom\n      specRef: {ref}\n" for n, ref in enumerate(refs))
    return spec("pipeline:\n  dependencies:\n" + entries, name="caller")


def checked(*paths):
    """What the command line says of each file: code, message and range."""
    answer = json.loads(CliRunner().invoke(modelspec, ["check", "--format", "json", *map(str, paths)]).stdout)
    return {
        Path(file["path"]).absolute(): [(d["code"], d["message"], d["range"]) for d in file["diagnostics"]]
        for file in answer["files"]
    }


def reported(*folders):
    """What an editor that has opened some folders is told of files that are not open."""

    async def ask():
        session = Session()
        session.client = ClientFeatures(related_information=True)
        session.folders = [folder.as_posix() for folder in folders]
        reports = WorkspaceReports(session)
        session.on_disk_change = reports.forget
        await index_folders(session, lambda _: None, lambda: None)
        return await reports.report({}, None)

    def of(item):
        start, end = ({"line": at.line, "character": at.character} for at in (item.range.start, item.range.end))
        return item.code, item.message, {"start": start, "end": end}

    full = (i for i in asyncio.run(ask()) if isinstance(i, types.WorkspaceFullDocumentDiagnosticReport))
    return {Path(item.uri.removeprefix("file://")): [of(d) for d in item.items] for item in full}


@pytest.fixture
def nested(tmp_path):
    """A repository within another one; both have a file that ``/shared.modelspec.yaml`` may mean, of other kinds."""
    for repository in (tmp_path, tmp_path / "team"):
        (repository / ".git").mkdir(parents=True)
    (tmp_path / "team" / "deep").mkdir()
    (tmp_path / "shared.modelspec.yaml").write_text(spec(name="outer"), encoding="utf-8")
    (tmp_path / "only.json").write_text("{}", encoding="utf-8")
    (tmp_path / "team" / "shared.modelspec.yaml").write_text("kind: Service\n", encoding="utf-8")
    caller = tmp_path / "team" / "deep" / "caller.modelspec.yaml"
    caller.write_text(depending("/shared.modelspec.yaml", "shared.modelspec.yaml", "/only.json"))
    return tmp_path.resolve()


def test_a_path_from_the_root_in_a_nested_repository(nested):
    caller = nested / "team" / "deep" / "caller.modelspec.yaml"
    said = [
        found
        for start in (nested, nested / "team", nested / "team" / "deep")
        for found in (checked(start)[caller], reported(start)[caller])
    ]
    said += [checked(caller)[caller], checked(nested, caller.parent)[caller]]
    for found in said:
        assert found == said[0]
    codes = [(code, message) for code, message, _ in said[0] if code.startswith("MS80")]
    assert [code for code, _ in codes] == ["MS802", "MS802", "MS801"]
    assert "(looked in `..` and `/`)" in codes[2][1]


def test_without_a_repository_settings_say_where_the_root_is(tmp_path):
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "modelspec.toml").write_text("", encoding="utf-8")
    (tmp_path / "a" / "modelspec.toml").write_text("", encoding="utf-8")
    (tmp_path / "shared.modelspec.yaml").write_text("kind: Service\n", encoding="utf-8")
    caller = tmp_path.resolve() / "a" / "b" / "caller.modelspec.yaml"
    caller.write_text(depending("/shared.modelspec.yaml"), encoding="utf-8")
    for start in (tmp_path, tmp_path / "a", caller.parent):
        for found in (checked(start)[caller], reported(start.resolve())[caller]):
            assert [code for code, *_ in found if code.startswith("MS80")] == ["MS802"]


def of_names(found):
    """Where names lead nowhere, and what does not fit what they lead to."""
    return [(code, place) for code, _, place in found if code in {"MS801", "MS807"}]


def test_a_name_on_the_command_line(tmp_path):
    """The nearest is meant, a ModelSpec before an OpenModel, wherever in the repository it stands."""
    root = tmp_path.resolve()
    (root / ".git").mkdir()
    for folder in ("a/deep", "b", "c"):
        (root / folder).mkdir(parents=True)
    (root / "b" / "one.modelspec.yaml").write_text(spec(name="one"), encoding="utf-8")
    (root / "c" / "one.modelspec.yaml").write_text(spec(name="one"), encoding="utf-8")
    (root / "c" / "two.modelspec.yaml").write_text(spec(name="two"), encoding="utf-8")
    model = "apiVersion: llmaz.io/v1alpha1\nkind: OpenModel\nmetadata: {name: two}\n"
    (root / "a" / "two.modelspec.yaml").write_text(model, encoding="utf-8")
    caller = root / "a" / "deep" / "caller.modelspec.yaml"
    caller.write_text(depending("one", "two", "three").replace("custom", "reranker"), encoding="utf-8")
    said = of_names(checked(root)[caller])
    assert [code for code, _ in said] == ["MS801", "MS807", "MS801"]
    starts = [(root / "a",), (caller.parent,), (caller,), (root / "a", root / "b"), (root / "b", caller)]
    assert [of_names(checked(*start)[caller]) for start in starts] == [said] * len(starts)
    assert of_names(reported(root)[caller]) == said


def test_a_circle_of_names_and_paths(tmp_path):
    root = tmp_path.resolve()
    (root / ".git").mkdir()
    for folder, name, ref in (
        ("a", "x", "../b/y.modelspec.yaml"),
        ("b", "y", "z"),
        ("c", "z", "../a/x.modelspec.yaml"),
    ):
        (root / folder).mkdir()
        text = depending(ref).replace("name: caller", f"name: {name}")
        (root / folder / f"{name}.modelspec.yaml").write_text(text, encoding="utf-8")
    first = root / "a" / "x.modelspec.yaml"
    said = [found for found in checked(root)[first] if found[0] == "MS803"]
    assert said
    for start in (root / "a", first):
        assert [found for found in checked(start)[first] if found[0] == "MS803"] == said


def test_without_a_repository_a_named_file_is_looked_at_with_those_beside_it(tmp_path, monkeypatch):
    root = tmp_path.resolve()
    (root / "a" / "deep").mkdir(parents=True)
    caller = root / "a" / "caller.modelspec.yaml"
    caller.write_text(depending("beside", "below"), encoding="utf-8")
    (root / "a" / "beside.modelspec.yaml").write_text(spec(name="beside"), encoding="utf-8")
    (root / "a" / "deep" / "below.modelspec.yaml").write_text(spec(name="below"), encoding="utf-8")
    monkeypatch.chdir(root)
    assert [message for code, message, _ in checked(caller)[caller] if code == "MS801"] == [
        "No spec of the workspace is called `below`; write the path of its file, such as `./below.modelspec.yaml`."
    ]
    assert of_names(checked(root)[caller]) == []


def test_files_that_cannot_be_read(tmp_path):
    root = tmp_path.resolve()
    (root / ".git").mkdir()
    (root / "quiet").mkdir()
    (root / "quiet" / "modelspec.toml").write_text('severity = {MS005 = "hint"}\n', encoding="utf-8")
    for place in (root, root / "quiet"):
        (place / "latin.modelspec.yaml").write_bytes(b"kind: ModelSpec\nmetadata: {name: \xe9}\n")
    (root / "other.yaml").write_bytes(b"\xff")  # Of no name of ours.
    (root / "nul.modelspec.json").write_bytes(b'{"a": "\0"}')
    (root / "link.modelspec.yaml").symlink_to(root / "gone.yaml")
    (root / "folder.modelspec.yaml").mkdir()
    (root / "fine.modelspec.yaml").write_text(depending("./latin.modelspec.yaml"), encoding="utf-8")
    said, told = checked(root), reported(root)
    assert told == said
    assert sorted(file.name for file, found in said.items() if found and found[0][0] == "MS005") == [
        "latin.modelspec.yaml",
        "latin.modelspec.yaml",
        "link.modelspec.yaml",
        "nul.modelspec.json",
    ]


def test_a_file_that_can_no_longer_be_read_and_the_way_back(tmp_path):
    async def codes(reports):
        full = await reports.report({}, None)
        return [d.code for item in full for d in item.items if d.code == "MS005"]

    async def run():
        file = tmp_path.resolve() / "a.modelspec.yaml"
        file.write_text(spec(), encoding="utf-8")
        session = Session()
        session.folders = [file.parent.as_posix()]
        reports = WorkspaceReports(session)
        session.on_disk_change = reports.forget
        await index_folders(session, lambda _: None, lambda: None)
        out = [await codes(reports)]
        for change in (
            lambda: file.write_bytes(b"\xff"),
            lambda: file.write_text("kind: Service\n", encoding="utf-8"),
            lambda: file.write_bytes(b"\xff"),
            file.unlink,
        ):
            change()
            session.disk_changed([file.as_posix()])
            out.append(await codes(reports))
        return out

    assert asyncio.run(run()) == [[], ["MS005"], [], ["MS005"], []]


@pytest.mark.parametrize("base", ["/base.modelspec.yaml", "base.modelspec.yaml", "../base.modelspec.yaml"])
def test_a_base_model_without_a_repository(tmp_path, base):
    """Where its path starts is known to whoever counts its memory as well."""
    root = tmp_path.resolve()
    (root / "deep").mkdir()
    (root / "base.modelspec.yaml").write_text(spec(name="base").replace("qwen3-8b", "qwen3-32b"), encoding="utf-8")
    hint = f"  annotations: {{modelspec/base-model: {base}}}\nspec:"
    text = spec(name="low").replace("qwen3-8b", "acme-llm").replace("spec:", hint, 1)
    (root / "deep" / "low.modelspec.yaml").write_text(text, encoding="utf-8")
    said = checked(root)
    assert reported(root) == said
    codes = {file.name: [code for code, *_ in found] for file, found in said.items()}
    assert codes["low.modelspec.yaml"] == codes["base.modelspec.yaml"]
    assert "MS301" in codes["low.modelspec.yaml"]
    fits = json.loads(CliRunner().invoke(modelspec, ["fit", "--format", "json", str(root)]).stdout)
    assert len({json.dumps(fit["verdict"]) for fit in fits["reports"]}) == 1


@pytest.mark.parametrize("opened", [[], ["ws"], ["far/sub"]], ids=["no folder", "another folder", "part of a project"])
def test_names_around_a_file_beyond_the_open_folders_are_not_looked_for(tmp_path, opened):
    """The command line looks around it; an editor says that nobody did."""
    root = tmp_path.resolve()
    for folder in ("ws", "far/.git", "far/sub"):
        (root / folder).mkdir(parents=True)
    (root / "far" / "there.modelspec.yaml").write_text(spec(name="there"), encoding="utf-8")
    caller = root / "far" / "caller.modelspec.yaml"
    caller.write_text(depending("there", "nowhere"), encoding="utf-8")
    assert [message for code, message, _ in checked(caller)[caller] if code == "MS801"] == [
        "No spec of the workspace is called `nowhere`; write the path of its file, such as `./nowhere.modelspec.yaml`."
    ]
    session = Session()
    session.folders = [(root / name).as_posix() for name in opened]
    asyncio.run(index_folders(session, lambda _: None, lambda: None))
    session.open(caller.as_uri(), caller.read_text(encoding="utf-8"), 1, "yaml")
    found = [d for d in check_document(session.snapshot, caller.as_uri()) if d.code == "MS801"]
    assert [(d.severity.label, d.message.partition(", as this file")[0]) for d in found] == [
        ("information", f"`{name}` was not looked for") for name in ("there", "nowhere")
    ]
