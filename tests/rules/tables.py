"""What holds for every table of cases: changes to a small spec, and what is found then."""

import json

import test_fixes

from modelspec_ls.core.config import Config
from support.build import PLACES, build, pointer_of, text_of
from support.specs import diagnose


def brief(changes, groups, name="x.modelspec.yaml"):
    """``severity code pointer`` of what a group of rules finds, places by field name where that is enough."""
    found = diagnose(text_of(build(**changes)), name, Config(select=groups))
    return sorted(f"{d.severity.label} {d.code} {short(d.pointer)}" for d in found)


def short(pointer):
    for field in PLACES:
        path = pointer_of(field)
        if pointer == path or pointer.startswith(f"{path}/"):
            return field + pointer[len(path) :]
    return pointer


def everything(changes):
    """What all rules find."""
    return diagnose(text_of(build(**changes)), config=Config())


def only(changes, code):
    """The one finding of a rule."""
    (found,) = [d for d in everything(changes) if d.code == code]
    return found


def every_fix(changes, groups, layout):
    """The invariants of all fixes, in one layout of the text."""
    text, name = text_of(build(**changes)), "x.modelspec.yaml"
    if layout == "JSON":
        text, name = json.dumps(build(**changes), indent=2), "x.modelspec.json"
    else:
        text = test_fixes.LAYOUTS[layout](text)
    for finding in diagnose(text, name, Config(select=groups)):
        for fix in finding.fixes:
            test_fixes.check_fix(text, finding, fix, name, Config())


def wrong_types(changes):
    """The same changes, each field in turn a list: the schema speaks, and nobody else about that field."""
    for field in changes:
        if changes[field] is None:
            continue
        text = text_of(build(**(changes | {field: [[1]]})))
        found = diagnose(text, config=Config())
        assert not [d for d in found if d.code == "MS000"], field
        here = {d.code for d in found if d.pointer.startswith(pointer_of(field))}
        assert here == {"MS103"}, field
