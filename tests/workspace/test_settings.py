"""Which settings hold for a file, and what is wrong in them."""

import json
import re
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from modelspec_ls.analysis import check_document, resolve_fix
from modelspec_ls.core.config import FILE_KEYS, Config, Settings, config_from, read_settings
from modelspec_ls.core.finding import Severity
from modelspec_ls.core.text import apply_edits
from modelspec_ls.rules.registry import all_rules
from modelspec_ls.syntax.toml import parse_toml
from modelspec_ls.workspace.document import Document
from modelspec_ls.workspace.snapshot import Snapshot
from support.specs import spec

SCHEMA = json.loads((Path(__file__).parents[2] / "schema" / "modelspec-config-v1.schema.json").read_text("utf-8"))
RULE = next(m for m in all_rules() if m.rule.code == "MS173")


@pytest.fixture
def root(tmp_path):
    (tmp_path / ".git").mkdir()
    (tmp_path / "a" / "b").mkdir(parents=True)
    return tmp_path


def config(root, where="a/b/x.modelspec.yaml", base=None):
    uri = (root / where).as_uri()
    snapshot = Snapshot(config=base or Config()).covering(uri)
    return snapshot.scope(uri).config


def put(root, name, text):
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


# What holds


def test_the_nearest_file_wins_as_a_whole(root):
    put(root, "modelspec.toml", 'ignore = ["MS1"]\n[severity]\nMS2 = "error"\n')
    assert config(root).ignore == ("MS1",)
    put(root, "a/pyproject.toml", '[project]\nname = "x"\n')
    assert config(root).ignore == ("MS1",)
    put(root, "a/pyproject.toml", '[tool.modelspec]\nselect = ["MS3"]\n')
    assert (config(root).ignore, config(root).select, config(root).severity) == ((), ("MS3",), {})
    put(root, "a/modelspec.toml", 'select = ["MS4"]\n')
    assert config(root).select == ("MS4",)
    assert config(root, "y.modelspec.yaml").ignore == ("MS1",)


def test_nothing_above_the_repository_counts(root, tmp_path_factory):
    outer = tmp_path_factory.mktemp("outer")
    put(outer, "modelspec.toml", 'ignore = ["MS1"]')
    (outer / "repo" / ".git").mkdir(parents=True)
    assert config(outer, "repo/x.modelspec.yaml").ignore == ()


def test_extending(root):
    put(root, "base.toml", 'select = ["MS1"]\nignore = ["MS2"]\n[severity]\nMS3 = "error"\nMS4 = "hint"\n')
    put(root, "shared/pyproject.toml", '[tool.modelspec]\nextends = ["../base.toml"]\nignore = ["MS5"]\n')
    put(
        root,
        "a/modelspec.toml",
        'extends = ["../shared/pyproject.toml"]\nignore = ["MS6"]\n[severity]\nMS4 = "error"\n',
    )
    found = config(root)
    assert found.select == ("MS1",) and found.ignore == ("MS2", "MS5", "MS6")
    assert found.severity == {"MS3": Severity.ERROR, "MS4": Severity.ERROR}


def test_overrides_by_path(root):
    put(
        root,
        "modelspec.toml",
        'ignore = ["MS1"]\n[[overrides]]\npaths = ["b/**"]\nselect = ["MS9"]\n[[overrides]]\npaths = ["/a/*/x.*"]\n'
        'ignore = ["MS2"]\n[overrides.severity]\nMS3 = "hint"\nMS4 = "off"\n',
    )
    assert config(root).ignore == ("MS1", "MS2", "MS4") and config(root).severity == {"MS3": Severity.HINT}
    assert config(root, "a/b/y.modelspec.yaml").ignore == ("MS1",)
    assert config(root, "b/y.modelspec.yaml").select == ("MS9",)


def test_the_same_settings_are_the_same_object(root):
    put(root, "modelspec.toml", 'ignore = ["MS1"]')
    uris = [(root / name).as_uri() for name in ("x.modelspec.yaml", "a/x.modelspec.yaml")]
    snapshot = Snapshot().covering(uris[0]).covering(uris[1])
    assert snapshot.scope(uris[0]) is snapshot.scope(uris[1]) is snapshot.scope(uris[0])


def test_files_go_over_editors_and_the_command_line_over_files(root):
    put(root, "modelspec.toml", 'select = ["MS2"]\nignore = ["MS3"]')
    editor = config_from({"select": ["MS1"], "severity": {"MS4": "error"}})[0]
    found = config(root, base=editor)
    assert (found.select, found.ignore, found.severity) == (("MS2",), ("MS3",), {"MS4": Severity.ERROR})
    asked = Config(asked=Settings(select=("MS5",), ignore=("MS6",))).final()
    assert (config(root, base=asked).select, config(root, base=asked).ignore) == (("MS5",), ("MS6", "MS3"))


def test_typing_in_settings_changes_what_holds(root):
    path = put(root, "modelspec.toml", 'ignore = ["MS1"]')
    uri = (root / "x.modelspec.yaml").as_uri()
    snapshot = Snapshot().covering(uri)
    typed = snapshot.scopes.with_document(Document(path.as_uri(), 'ignore = ["MS2"]'))
    assert typed.of(uri, snapshot.config).config.ignore == ("MS2",)
    broken = typed.with_document(Document(path.as_uri(), "ignore = ["))
    assert broken.of(uri, snapshot.config).config.ignore == ()
    assert snapshot.scope(uri).config.ignore == ("MS1",)
    path.unlink()
    assert broken.reread(path.as_uri(), snapshot.config.limits).of(uri, snapshot.config).config.ignore == ()


def test_a_catalogue_elsewhere(root):
    row = "id: acme/x\narchitecture: X\n"
    put(root, "shared/.modelspec/models/x.yaml", row)
    put(root, "a/modelspec.toml", 'catalogue = ["../shared"]')
    uri = (root / "a/x.modelspec.yaml").as_uri()
    assert [layer.folder for layer in Snapshot().covering(uri).scope(uri).layers] == [(root / "shared").as_posix()]


def test_a_catalogue_of_the_editor(root):
    put(root, "shared/.modelspec/models/x.yaml", "id: acme/x\narchitecture: X\n")
    uri, folder = (root / "a/x.modelspec.yaml").as_uri(), (root / "shared").as_posix()
    snapshot = Snapshot(config=config_from({"catalogue": [folder]})[0])
    assert [layer.folder for layer in snapshot.covering(uri).scope(uri).layers] == [folder]


# What settings do


def findings(root, text, name="a/x.modelspec.yaml"):
    document = Document((root / name).as_uri(), text, claimed=True)
    snapshot = Snapshot().covering(document.uri).with_document(document)
    return [f"{d.severity.label} {d.code}" for d in check_document(snapshot, document.uri)]


def test_severity_and_off(root):
    assert findings(root, spec()) == ["information MS402"]
    put(root, "modelspec.toml", '[severity]\nprecision = "error"')
    assert findings(root, spec()) == ["error MS402"]
    put(root, "modelspec.toml", '[severity]\nprecision = "error"\nMS402 = "off"')
    assert findings(root, spec()) == []


def test_words_for_environments(root):
    text = spec(metadata="labels: {env: blue}\n")
    assert "information MS901" not in findings(root, text)
    put(root, "modelspec.toml", '[environments]\nproduction = ["Blue"]')
    assert "information MS901" in findings(root, text)


def test_engine_defaults(root):
    from modelspec_ls.workspace.deployments import deployment_in

    document = Document((root / "x.modelspec.yaml").as_uri(), spec(framework="vllm"))

    def given():
        snapshot = Snapshot().covering(document.uri).with_document(document)
        return deployment_in(snapshot, document, 0).given

    before = given()
    put(root, "modelspec.toml", '[engines.vllm]\nversion = "0.10.0"\ngpuMemoryUtilization = 0.5\nkvCacheDtype = "fp8"')
    after = given()
    assert before.gpu_memory_utilization is None and after.gpu_memory_utilization == 0.5
    assert after.kv_dtype == "fp8" and after.engine.version == "0.10.0"


# Mistakes


def mistakes(root, text, name="modelspec.toml"):
    path = put(root, name, text)
    document = Document(path.as_uri(), text)
    snapshot = Snapshot().covering(document.uri).with_document(document)
    return document, check_document(snapshot, document.uri)


CASES = [
    ("a = [", "[", "Broken TOML", "error"),
    ('sellect = ["all"]', "sellect", "did you mean `select`?", "warning"),
    ("select = 3", "3", "must be a list of texts, got 3", "error"),
    ('select = ["MS1", 3]', "3", "`select[1]` must be a text", "error"),
    ('ignore = ["MS999"]', '"MS999"', "There is no rule `MS999`", "warning"),
    ('[severity]\nMS101 = "eror"', '"eror"', "must be error, warning, information, hint or off", "error"),
    ('[severity]\nschemo = "error"', "schemo", "did you mean `schema`?", "warning"),
    ('[environments]\nprod = ["x"]', "prod", "Unknown environment", "warning"),
    ("[prices]\nl4 = -1", "-1", "a number above 0", "error"),
    ("[prices]\nl4x = 1", "l4x", "There is no accelerator", "warning"),
    ("[engines.vlm]", "vlm", "did you mean `vllm`?", "warning"),
    ("[engines.vllm]\ngpuMemoryUtilization = 90", "90", "at most 1", "error"),
    ("[limits]\nmaxNodes = 1", "1", "a whole number from 1,000", "error"),
    ('extends = ["gone.toml"]', '"gone.toml"', "cannot be extended", "error"),
    ('extends = ["modelspec.toml"]', '"modelspec.toml"', "extends this file in turn", "error"),
    ('extends = ["a"]', '"a"', "is a folder", "error"),
    ('catalogue = ["a"]', '"a"', "holds no folder `.modelspec`", "error"),
    ('[[overrides]]\nignore = ["MS101"]', "overrides", "needs `paths`", "error"),
    ('[[overrides]]\npaths = ["a"]\nprices = {l4 = 1}', "prices", "Unknown setting `overrides[0].prices`", "warning"),
]


@pytest.mark.parametrize("text, place, message, severity", CASES)
def test_mistakes_stand_where_they_are(root, text, place, message, severity):
    document, found = mistakes(root, text)
    (finding,) = [d for d in found if message in d.message]
    assert document.text[finding.span.start : finding.span.end] == place
    assert (finding.code, finding.severity.label) == ("MS173", severity)
    assert found[0] is finding or len(found) == 1


@pytest.mark.parametrize("text, place, message, severity", [c for c in CASES if "did you mean" in c[2]])
def test_fixes_of_mistakes(root, text, place, message, severity):
    document, found = mistakes(root, text)
    (fix,) = [f for d in found for f in d.fixes]
    after = apply_edits(text, resolve_fix(document, fix))
    assert mistakes(root, after)[1] == ()


def test_in_a_project_file_only_our_table_counts(root):
    document, found = mistakes(root, "[tool.other]\nx = 1\n[tool.modelspec]\nselekt = []\n", "pyproject.toml")
    (finding,) = found
    assert document.text[finding.span.start : finding.span.end] == "selekt"
    assert mistakes(root, "[tool.other]\nx = [\n", "pyproject.toml")[1] == ()


def test_what_is_right_beside_a_mistake_holds(root):
    put(root, "modelspec.toml", 'ignore = ["MS402", 3]\nselekt = []\n[severity]\nMS1 = "x"\nMS2 = "hint"')
    found = config(root)
    assert found.ignore == ("MS402",) and found.severity == {"MS2": Severity.HINT}


def test_the_page_shows_it():
    bad, good = re.findall(r'```toml title="modelspec.toml"\n(.*?)```', RULE.documentation, re.DOTALL)
    _, problems = read_settings(parse_toml(bad).values, FILE_KEYS)
    assert len(problems) == 2
    assert read_settings(parse_toml(good).values, FILE_KEYS)[1] == ()


def test_the_schema_says_the_same():
    assert set(SCHEMA["properties"]) == set(FILE_KEYS)
    judge = Draft202012Validator(SCHEMA)
    for text, *_ in CASES:
        toml = parse_toml(text)
        by_code = read_settings(toml.values, FILE_KEYS)[1] if toml.fault is None else ("broken",)
        # What needs the disk or the catalogue, the schema cannot know.
        if toml.fault is None:
            assert bool(by_code) == bool(list(judge.iter_errors(toml.values))), text
    for example in (e for p, s in SCHEMA["properties"].items() for e in [{p: v} for v in s["examples"]]):
        assert read_settings(example, FILE_KEYS)[1] == () and not list(judge.iter_errors(example))


@pytest.mark.parametrize(
    "values", [3, [], {"select": {}}, {"severity": []}, {"prices": {"l4": True}}, {"limits": None}]
)
def test_no_value_brings_an_editor_down(values):
    config, problems = config_from(values)
    assert isinstance(config, Config) and (problems or values == {"limits": None})
