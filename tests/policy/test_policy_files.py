"""Where policies come from: folders, settings, what they extend; and what happens when files change."""

import os
from pathlib import Path

import pytest

from modelspec_ls.analysis import check_document
from modelspec_ls.core.config import Config, Limits
from modelspec_ls.workspace.document import Document
from modelspec_ls.workspace.snapshot import Snapshot
from support.links import needs_links
from support.policies import asking, policy, spec_of

TEAM = asking("metadata.labels.team", "{present: true}")


@pytest.fixture
def root(tmp_path):
    (tmp_path / ".git").mkdir()
    return tmp_path


def put(root, name, text):
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def named(text, name):
    return text.replace("the-rule", name)


def said(root, name="specs/a.modelspec.yaml", config=None, snapshot=None):
    document = Document((root / name).as_uri(), spec_of())
    around = (snapshot or Snapshot(config=config or Config())).with_document(document).covering(document.uri)
    return [d.name for d in check_document(around, document.uri) if d.said is not None]


@pytest.mark.parametrize(
    "name",
    ["modelspec-policy.yaml", "modelspec-policy.yml", ".modelspec/policies/x.yaml", "specs/modelspec-policy.yaml",
     "specs/.modelspec/policies/y.yml"],
)  # fmt: skip
def test_found_in_the_folders_above(root, name):
    put(root, name, TEAM)
    assert said(root) == ["the-rule"]


@pytest.mark.parametrize(
    "name", ["other/modelspec-policy.yaml", "x.modelspec-policy.yaml", ".modelspec/x.yaml", "p.yaml"]
)
def test_not_found_elsewhere(root, name):
    put(root, name, TEAM)
    assert said(root) == []


def test_no_policy_from_above_the_repository(root, tmp_path):
    inner = tmp_path / "inner"
    (inner / ".git").mkdir(parents=True)
    put(root, "modelspec-policy.yaml", TEAM)
    assert said(inner) == []


def test_named_in_the_settings(root, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("central")
    put(elsewhere, "a.yaml", named(TEAM, "central-a"))
    put(elsewhere, "pack/b.yaml", named(TEAM, "central-b"))
    put(elsewhere, "pack/c.txt", named(TEAM, "central-c"))
    (elsewhere / "a.yaml").chmod(0o444)
    put(root, "modelspec.toml", f'policies = ["{elsewhere}/a.yaml", "{elsewhere}/pack"]\n')
    assert said(root) == ["central-a", "central-b"]
    config = Config(policies=(f"{elsewhere}/a.yaml",))
    (root / "modelspec.toml").unlink()
    assert said(root, config=config) == ["central-a"]


def test_a_policy_that_is_not_there_is_said_in_the_settings(root):
    path = put(root, "modelspec.toml", 'policies = ["./gone.yaml"]\n')
    document = Document(path.as_uri(), path.read_text())
    found = check_document(Snapshot().with_document(document).covering(document.uri), document.uri)
    assert ["There is no policy at `./gone.yaml`." in d.message for d in found] == [True]


def test_nearer_files_override(root):
    put(root, "modelspec-policy.yaml", asking("metadata.labels.team", "{present: true}", severity="error"))
    put(root, "specs/modelspec-policy.yaml", policy("rules:\n  - {name: the-rule, severity: off}\n"))
    assert said(root) == []
    assert said(root, "a.modelspec.yaml") == ["the-rule"]
    put(root, "specs/modelspec-policy.yaml", policy("rules:\n  - {name: the-rule, severity: hint}\n"))
    assert said(root) == ["the-rule"]


def test_what_is_extended(root):
    put(
        root,
        "base/b.yaml",
        policy("""\
        params: {least: 3}
        rules:
          - {name: base-count, require: {spec.runtime.accelerator.count: {min: $params.least}}}
          - {name: base-team, require: {metadata.labels.team: {present: true}}}
        """),
    )
    put(
        root,
        "modelspec-policy.yaml",
        policy("""\
        extends: [./base/b.yaml]
        params: {least: 1}
        rules: [{name: base-team, severity: off}]
        """),
    )
    assert said(root) == []
    put(root, "modelspec-policy.yaml", policy("extends: [./base/b.yaml]\n"))
    assert said(root) == ["base-team", "base-count"]


def own(root, name="modelspec-policy.yaml"):
    path = root / name
    document = Document(path.as_uri(), path.read_text(encoding="utf-8"))
    around = Snapshot().covering(document.uri).with_document(document)
    return [d.message for d in check_document(around, document.uri)]


def test_circles_and_chains_end(root):
    put(root, "modelspec-policy.yaml", policy("extends: [./a.yaml]\n"))
    put(root, "a.yaml", policy("extends: [./modelspec-policy.yaml]\n"))
    assert "extends this file in turn" in own(root)[0]
    put(root, "a.yaml", policy("extends: [./a.yaml]\n"))
    assert said(root) == []
    for number in range(200):
        put(root, f"c{number}.yaml", policy(f"extends: [./c{number + 1}.yaml]\n"))
    put(
        root,
        "modelspec-policy.yaml",
        policy("extends: [./c0.yaml]\n") + "  " + "\n".join(TEAM.split("spec:\n")[1:]).lstrip(),
    )
    assert said(root) == ["the-rule"]


@pytest.mark.parametrize(
    "target", ["/etc/hosts", "../../../../etc/hosts", "~/x.yaml", "file:///x.yaml", "https://x/y.yaml"]
)
def test_nothing_else_is_read(root, target, monkeypatch):
    from modelspec_ls.workspace import policies

    put(root, "modelspec-policy.yaml", policy(f"extends: ['{target}']\n"))
    seen, read = [], policies.read_text
    monkeypatch.setattr(policies, "read_text", lambda path, limits: seen.append(path) or read(path, limits))
    assert len(own(root)) == 1
    assert {Path(path) for path in seen} <= {root / "modelspec-policy.yaml"}


def test_a_device_or_a_large_file_is_not_read(root):
    os.mkfifo(root / "p.yaml")
    put(root, "modelspec-policy.yaml", policy("extends: [./p.yaml, ./big.yaml]\n"))
    put(root, "big.yaml", "x" * (Limits().max_file_bytes + 1))
    assert ["named pipe" in own(root)[0], "at most 4 MiB" in own(root)[1]] == [True, True]


@needs_links
@pytest.mark.parametrize("target", ["b.yaml", "x" * 300, "nowhere"])
def test_a_link_that_nobody_can_follow_switches_no_policy_off(root, target):
    put(root, ".modelspec/policies/a.yaml", TEAM)
    (root / ".modelspec/policies/b.yaml").symlink_to(target)
    assert said(root) == ["the-rule"]


def test_open_buffers_come_before_files(root):
    path = put(root, "modelspec-policy.yaml", policy("rules: []\n"))
    around = Snapshot().covering((root / "specs/a.modelspec.yaml").as_uri())
    typed = around.scopes.with_document(Document(path.as_uri(), TEAM))
    assert said(root, snapshot=around.with_scopes(typed)) == ["the-rule"]
    # One that is not on disk yet.
    fresh = around.scopes.with_document(Document((root / "specs/modelspec-policy.yaml").as_uri(), named(TEAM, "new")))
    assert said(root, snapshot=around.with_scopes(fresh)) == ["new"]
    assert said(root, snapshot=around.with_scopes(typed.reread(path.as_uri(), Limits()))) == []
    # A comment changes nothing.
    same = typed.with_document(Document(path.as_uri(), f"{TEAM}# done\n"))
    assert same is typed


def test_files_come_and_go(root):
    scopes = Snapshot().covering((root / "specs/a.modelspec.yaml").as_uri())
    path = root / ".modelspec/policies/x.yaml"
    put(root, ".modelspec/policies/x.yaml", TEAM)
    there = scopes.scopes.reread(path.as_uri(), Limits())
    assert said(root, snapshot=scopes.with_scopes(there)) == ["the-rule"]
    path.unlink()
    assert said(root, snapshot=scopes.with_scopes(there.reread(path.as_uri(), Limits()))) == []
    # A folder that is gone takes its policies along.
    put(root, ".modelspec/policies/x.yaml", TEAM)
    again = there.reread(path.as_uri(), Limits())
    path.unlink()
    path.parent.rmdir()
    assert said(root, snapshot=scopes.with_scopes(again.reread(path.parent.as_uri(), Limits()))) == []


def test_patterns_for_paths_start_at_the_policy(root):
    text = policy(
        "rules:\n  - {name: a-b, match: {paths: [specs/]}, require: {metadata.labels.team: {present: true}}}\n"
    )
    put(root, "modelspec-policy.yaml", text)
    assert (said(root), said(root, "a.modelspec.yaml")) == (["a-b"], [])
    put(root, "modelspec-policy.yaml", policy("rules: []\n"))
    put(root, "x/specs/modelspec-policy.yaml", text)
    assert said(root, "x/specs/specs/a.modelspec.yaml") == ["a-b"]
    assert said(root, "x/specs/a.modelspec.yaml") == []
