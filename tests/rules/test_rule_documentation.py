"""What a rule's documentation says is bad is found, just so; what it says is good is clean."""

import re

import pytest

from modelspec_ls.core.text import LineIndex
from modelspec_ls.rules.registry import all_rules
from support.markers import check
from support.specs import complete, diagnose

_FENCE = re.compile(r"^```yaml\n(.*?)^```$", re.MULTILINE | re.DOTALL)
RULES = {m.rule.code: m for m in all_rules()}
# Rules about what no text can show.
WITHOUT_EXAMPLE = {"MS005"}
SECTIONS = ("What it checks", "Why it matters", "Bad", "Good")


def examples(module, title):
    """The YAML below a heading."""
    found = re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", module.documentation, re.MULTILINE | re.DOTALL)
    return _FENCE.findall(found[1]) if found else []


def blocks(title):
    return [
        pytest.param(module.rule, text, id=f"{code}-{i}")
        for code, module in RULES.items()
        for i, text in enumerate(examples(module, title))
    ]


@pytest.mark.parametrize("rule, fragment", blocks("Bad"))
def test_bad(rule, fragment):
    text = complete(fragment)
    found = diagnose(text)
    assert check(text, found, LineIndex(text)) == []
    assert {d.code for d in found} == {rule.code}


@pytest.mark.parametrize("rule, fragment", blocks("Good"))
def test_good(rule, fragment):
    assert diagnose(complete(fragment)) == ()


@pytest.mark.parametrize("code", RULES)
def test_structure(code):
    module = RULES[code]
    first = module.documentation.splitlines()[0]
    assert first.endswith(".")
    assert re.findall(r"^## (.*)$", module.documentation, re.MULTILINE) == [
        title for title in SECTIONS if title != "Bad" or code not in WITHOUT_EXAMPLE
    ]
    if code not in WITHOUT_EXAMPLE:
        assert examples(module, "Bad") and examples(module, "Good")


@pytest.mark.parametrize("code", RULES)
def test_fixable_means_that_the_bad_example_gets_a_fix(code):
    module = RULES[code]
    found = [d for text in examples(module, "Bad") for d in diagnose(complete(text))]
    assert any(d.fixes for d in found) == module.rule.fixable
