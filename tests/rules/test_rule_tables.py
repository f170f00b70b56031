"""Every rule fires on what it should and keeps quiet on what is right."""

import json

import pytest
import yaml
from cases import CASES, SCAN, SERVICE

from modelspec_ls.analysis import check_document
from modelspec_ls.core.config import Config
from modelspec_ls.core.finding import Severity
from modelspec_ls.workspace.document import Document
from modelspec_ls.workspace.snapshot import Snapshot
from support.specs import MINIMAL, brief, diagnose, spec


@pytest.mark.parametrize("name", CASES)
def test_case(name):
    text, expected = CASES[name]
    assert brief(text) == expected


@pytest.mark.parametrize(
    "name, text, expected",
    [
        ("x.yaml", MINIMAL, []),
        ("x.yaml", spec(count="0"), ["error MS105 /spec/runtime/accelerator/count"]),
        ("x.yaml", SERVICE, []),
        ("x.yaml", SERVICE.replace("Service", "ModelSepc"), []),
        (
            "x.yaml",
            f"{SERVICE}---\n{spec(count='0')}",
            ["information MS004", "error MS105 /spec/runtime/accelerator/count"],
        ),
        ("x.yaml", SCAN, ["information MS106 /apiVersion"]),
        ("x.yaml", "", []),
        ("x.yaml", "a: [\n", []),
        ("x.modelspec.yml", SERVICE, ["error MS106 /kind"]),
        ("X.MODELSPEC.JSON", "{}", ["error MS101"]),
    ],
)
def test_which_texts_are_judged(name, text, expected):
    """As an editor opens them: nobody said that it is a ModelSpec but its name and what stands in it."""
    document = Document(f"file:///{name}", text)
    found = check_document(Snapshot(config=Config(select=("syntax", "schema"))).with_document(document), document.uri)
    assert [f"{d.severity.label} {d.code} {d.pointer}".rstrip() for d in found] == expected


JSON_CASES = {
    "valid": (lambda d: d, []),
    "text for a number": (lambda d: d["spec"]["runtime"]["accelerator"].update(count="1"), ["error MS103"]),
    "a number for text": (lambda d: d["metadata"].update(version=1.5), ["error MS103"]),
    "missing": (lambda d: d["metadata"].clear(), ["error MS101"]),
    "unknown": (lambda d: d["spec"].update(runtme={}), ["error MS102"]),
    "enum": (lambda d: d["spec"].update(operations={"serving": {"protocol": "HTTP"}}), ["error MS104"]),
}


@pytest.mark.parametrize("name", JSON_CASES)
@pytest.mark.parametrize("indent", [None, 2, "\t"])
def test_json(name, indent):
    change, expected = JSON_CASES[name]
    data = yaml.safe_load(MINIMAL)
    change(data)
    found = brief(json.dumps(data, indent=indent), "x.modelspec.json")
    assert [f.rpartition(" /")[0] or f for f in found] == expected


@pytest.mark.parametrize(
    "text, where",
    [
        ("", ""),
        ("{", "{"),
        ("{'a': 1}", "'"),
        ("a: 1\n", "a"),
        ('{"a": NaN}', "NaN"),
        ('{"a": 1,}', "}"),
        ("{} {}", "{"),
    ],
)
def test_json_that_is_none(text, where):
    found = [d for d in diagnose(text, "x.modelspec.json") if d.code == "MS001"]
    assert len(found) == 1
    assert text[slice(*found[0].span)] in {where, where[:1], "", ","}


def test_the_finding_stands_on_the_accident():
    text = spec(count='"4"', metadata="labels:\n  a: 1\n  b:\n")
    assert [text[slice(*d.span)] for d in diagnose(text)] == ["1", "b", '"4"']


def test_too_many_findings_are_counted():
    labels = "".join(f"  a{i}: {i}\n" for i in range(1500))
    found = diagnose(spec(metadata=f"labels:\n{labels}"))
    assert len(found) == 1001
    assert found[-1].message == "500 more findings in this file are not shown."


def test_severity_and_choice_come_from_the_settings():
    text = spec(count="0", id='""')
    config = Config(severity={"MS105": Severity.HINT, "schema": Severity.WARNING}, ignore=("placeholder-value",))
    assert brief(text, config=config) == ["hint MS105 /spec/runtime/accelerator/count"]
    assert brief(text, config=Config(select=("MS107",))) == ["warning MS107 /spec/identity/model/id"]
