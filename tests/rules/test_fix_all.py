"""All safe fixes together: they apply, nothing gets worse, and after a few rounds nothing is left to fix."""

import pytest
import test_metadata
import test_scaling
import test_serving
import yaml
from test_calibration import SPECS

from modelspec_ls.core.config import Config
from modelspec_ls.core.finding import Applicability, Severity
from modelspec_ls.core.text import apply_edits
from modelspec_ls.ide.code_actions import fix_all
from modelspec_ls.workspace.document import Document
from modelspec_ls.workspace.snapshot import Snapshot
from support.build import build, text_of
from support.specs import diagnose

URI = "file:///x.modelspec.yaml"
TEXTS = {
    f"{module.__name__}, {name}": text_of(build(**changes))
    for module in (test_metadata, test_scaling, test_serving)
    for name, changes in module.FOUND.items()
} | {f"learning path, {name}": yaml.safe_dump(data, sort_keys=False) for name, data in SPECS.items()}
ROUNDS = 4


def levels(text):
    return [sum(d.severity == level for d in diagnose(text, config=Config())) for level in Severity]


@pytest.mark.parametrize("name", TEXTS)
def test_safe_fixes_together(name):
    text = before = TEXTS[name]
    for _ in range(ROUNDS):
        edits = fix_all(Snapshot().with_document(Document(URI, text)), URI)
        text = apply_edits(text, edits)
    assert fix_all(Snapshot().with_document(Document(URI, text)), URI) == ()
    assert levels(text) <= levels(before)
    left = [d for d in diagnose(text, config=Config()) if any(f.applicability is Applicability.SAFE for f in d.fixes)]
    assert left == []
