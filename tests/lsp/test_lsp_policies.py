"""Policies in a running server: what is typed in one is said of the open specs at once."""

import asyncio

import pytest

from support.policies import asking, spec_of

TEAM = asking("metadata.labels.team", "{present: true}", severity="error", docs="https://wiki.example.com/team")
ALL = {
    "textDocument": {
        "publishDiagnostics": {"relatedInformation": True, "codeDescriptionSupport": True},
        "codeAction": {"codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["quickfix"]}}},
    }
}


@pytest.fixture
def root(tmp_path):
    (tmp_path / ".git").mkdir()
    return tmp_path


async def told(talk, uri, code, *, there):
    for _ in range(400):
        last = next((p for p in reversed(talk.published) if p["uri"] == uri), {"diagnostics": []})
        found = [d for d in last["diagnostics"] if d["code"] == code]
        if bool(found) == there:
            return found
        await asyncio.sleep(0.01)
    raise AssertionError(f"{code} {'missing' if there else 'still there'}")


async def test_typing_in_a_policy(talk, root):
    policy = root / "modelspec-policy.yaml"
    policy.write_text(TEAM, encoding="utf-8")
    uri = (root / "a.modelspec.yaml").as_uri()
    await talk.start(ALL)
    talk.open(uri, spec_of())
    (found,) = await told(talk, uri, "the-rule", there=True)
    assert (found["source"], found["severity"]) == ("acme", 1)
    assert found["codeDescription"] == {"href": "https://wiki.example.com/team"}
    (related,) = found["relatedInformation"]
    assert related["location"]["uri"] == policy.as_uri() and related["location"]["range"]["start"]["line"] == 6
    talk.open(policy.as_uri(), TEAM, language="yaml")
    talk.change(TEAM.replace("severity: error", "severity: off"), 2, policy.as_uri())
    await told(talk, uri, "the-rule", there=False)
    # A mistake is said in the policy alone.
    talk.change(TEAM.replace("labels.team", "lables.team"), 3, policy.as_uri())
    await told(talk, policy.as_uri(), "PL102", there=True)
    await told(talk, uri, "the-rule", there=False)
    talk.change(TEAM, 4, policy.as_uri())
    await told(talk, uri, "the-rule", there=True)
    talk.change(TEAM.replace("severity: error", "severity: off"), 5, policy.as_uri())
    await told(talk, uri, "the-rule", there=False)
    talk.send("textDocument/didClose", {"textDocument": {"uri": policy.as_uri()}}, notify=True)
    await told(talk, uri, "the-rule", there=True)


async def test_policies_that_come_and_go_on_disk(talk, root):
    uri, policy = (root / "a.modelspec.yaml").as_uri(), root / ".modelspec" / "policies" / "x.yaml"
    await talk.start(ALL)
    talk.open(uri, spec_of())
    await told(talk, uri, "the-rule", there=False)
    policy.parent.mkdir(parents=True)
    policy.write_text(TEAM, encoding="utf-8")
    changes = {"changes": [{"uri": policy.as_uri(), "type": 1}]}
    talk.send("workspace/didChangeWatchedFiles", changes, notify=True)
    await told(talk, uri, "the-rule", there=True)
    policy.unlink()
    talk.send("workspace/didChangeWatchedFiles", changes, notify=True)
    await told(talk, uri, "the-rule", there=False)


async def test_an_action_settles_the_policys_diagnostic(talk, root):
    (root / "modelspec-policy.yaml").write_text(
        asking("spec.operations.scaling.minReplicas", "{min: 2}"), encoding="utf-8"
    )
    uri = (root / "a.modelspec.yaml").as_uri()
    await talk.start(ALL)
    talk.open(uri, spec_of(minReplicas=1, maxReplicas=2))
    found = await told(talk, uri, "the-rule", there=True)
    params = {"textDocument": {"uri": uri}, "range": found[0]["range"], "context": {"diagnostics": found}}
    answer = await talk.request("textDocument/codeAction", params)
    fix = next(a for a in answer["result"] if a["title"].startswith("Set `minReplicas: 2`"))
    assert [d["code"] for d in fix["diagnostics"]] == ["the-rule"]


async def test_the_editors_settings_may_name_a_policy(talk, root, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("central") / "pack.yaml"
    elsewhere.write_text(TEAM, encoding="utf-8")
    uri = (root / "a.modelspec.yaml").as_uri()
    await talk.start(ALL)
    talk.open(uri, spec_of())
    await told(talk, uri, "the-rule", there=False)
    settings = {"settings": {"modelspec": {"policies": [str(elsewhere)]}}}
    talk.send("workspace/didChangeConfiguration", settings, notify=True)
    await told(talk, uri, "the-rule", there=True)
