"""What a rule's documentation says is bad is found, just so; what it says is good is clean."""

import re

import pytest

from modelspec_ls.analysis import check_document
from modelspec_ls.core.config import Config
from modelspec_ls.core.finding import Severity
from modelspec_ls.core.text import LineIndex
from modelspec_ls.rules.registry import all_rules
from support.markers import check
from support.specs import complete, diagnose
from support.workspace import folder

_FENCE = re.compile(r'^```yaml(?: title="([^"]+)")?\n(.*?)^```$', re.MULTILINE | re.DOTALL)
RULES = {m.rule.code: m for m in all_rules()}
# Rules about what no text can show.
WITHOUT_EXAMPLE = {"MS005"}
# Rules on settings files: their examples are TOML, with tests of their own.
SETTINGS = {m.rule.code for m in all_rules() if m.rule.scope == "settings"}
SECTIONS = ("What it checks", "Why it matters", "Bad", "Good")


def examples(module, title):
    """The YAML below a heading: each text with the files beside it, which have titles and stand before it."""
    found = re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", module.documentation, re.MULTILINE | re.DOTALL)
    out, beside = [], {}
    for name, text in _FENCE.findall(found[1]) if found else ():
        if name:
            beside[name] = complete(text) if name.endswith(".modelspec.yaml") else text
        else:
            out.append((text, beside))
            beside = {}
    return out


def blocks(title):
    return [
        pytest.param(module.rule, *example, id=f"{code}-{i}")
        for code, module in RULES.items()
        for i, example in enumerate(examples(module, title))
    ]


def worse_than_information(found):
    """Codes of the errors and warnings: an example shows one mistake. What else is worth knowing may be said."""
    return {d.code for d in found if d.severity <= Severity.WARNING}


def found_in(text, beside, name="spec.modelspec.yaml"):
    """The findings of a text, in a folder with other files."""
    if not beside:
        return diagnose(text, name, Config())
    return check_document(folder({name: text, **beside}), f"file:///ws/{name}")


@pytest.mark.parametrize("rule, fragment, beside", blocks("Bad"))
def test_bad(rule, fragment, beside):
    text = complete(fragment)
    found = found_in(text, beside)
    assert check(text, [d for d in found if d.code == rule.code], LineIndex(text)) == []
    assert worse_than_information(found) <= {rule.code}


@pytest.mark.parametrize("rule, fragment, beside", blocks("Good"))
def test_good(rule, fragment, beside):
    found = found_in(complete(fragment), beside)
    assert [d for d in found if d.code == rule.code] == []
    assert worse_than_information(found) == set()


@pytest.mark.parametrize("code", RULES)
def test_structure(code):
    module = RULES[code]
    first = module.documentation.splitlines()[0]
    assert first.endswith(".")
    assert re.findall(r"^## (.*)$", module.documentation, re.MULTILINE) == [
        title for title in SECTIONS if title != "Bad" or code not in WITHOUT_EXAMPLE
    ]
    if code not in WITHOUT_EXAMPLE | SETTINGS:
        assert examples(module, "Bad") and examples(module, "Good")


@pytest.mark.parametrize("code", sorted(RULES.keys() - SETTINGS))
def test_fixable_means_that_the_bad_example_gets_a_fix(code):
    module = RULES[code]
    found = [d for text, beside in examples(module, "Bad") for d in found_in(complete(text), beside)]
    assert any(d.fixes for d in found if d.code == code) == module.rule.fixable
