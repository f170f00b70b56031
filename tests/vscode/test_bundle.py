"""What the VS Code extension bundles: the stand-in for rpds, the launcher, the manifest."""

import importlib.util
import json
import pickle
import re
import subprocess
import sys
from pathlib import Path

import pytest
import rpds as real
from hypothesis import given
from hypothesis import strategies as st

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ROOT / "vscode-extension" / "server"
LAUNCH = SOURCES / "launch.py"


def _shim():
    spec = importlib.util.spec_from_file_location("rpds_shim", SOURCES / "shims" / "rpds.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["rpds_shim"] = module
    spec.loader.exec_module(module)
    return module


shim = _shim()
KEYS = st.integers(0, 5)
STEPS = st.lists(
    st.tuples(st.sampled_from(["insert", "remove", "discard", "update"]), KEYS, st.integers()), max_size=20
)


@given(STEPS)
def test_map_behaves_like_the_real_one(steps):
    ours, theirs = shim.HashTrieMap(), real.HashTrieMap()
    for name, key, value in steps:
        arguments = {"insert": (key, value), "update": ({key: value},)}.get(name, (key,))
        assert _outcome(ours, name, arguments) == _outcome(theirs, name, arguments)
        if name != "remove" or key in theirs:
            before = dict(ours)
            ours_next, theirs = getattr(ours, name)(*arguments), getattr(theirs, name)(*arguments)
            assert dict(ours) == before, "the old one stays"
            ours = ours_next
        assert dict(ours) == dict(theirs) and len(ours) == len(theirs) and ours == shim.HashTrieMap(dict(theirs))
    assert pickle.loads(pickle.dumps(ours)) == ours and hash(ours) == hash(shim.HashTrieMap(dict(ours)))


@given(STEPS)
def test_set_and_list_behave_like_the_real_ones(steps):
    ours, theirs = shim.HashTrieSet(), real.HashTrieSet()
    our_list, their_list = shim.List(), real.List()
    for name, key, value in steps:
        arguments = ([value, key],) if name == "update" else (key,)
        if name != "remove" or key in theirs:
            ours, theirs = getattr(ours, name)(*arguments), getattr(theirs, name)(*arguments)
        assert set(ours) == set(theirs) and len(ours) == len(theirs) and (key in ours) == (key in theirs)
        our_list, their_list = our_list.push_front(value), their_list.push_front(value)
        if name == "discard":
            our_list, their_list = our_list.drop_first(), their_list.drop_first()
        assert list(our_list) == list(their_list) and list(reversed(our_list)) == list(reversed(their_list))
        if len(their_list):
            assert our_list.first == their_list.first and list(our_list.rest) == list(their_list.rest)
    assert pickle.loads(pickle.dumps(our_list)) == our_list


def _outcome(target, name, arguments):
    try:
        return dict(getattr(target, name)(*arguments))
    except KeyError:
        return "KeyError"


def test_verdicts_are_the_same_with_the_stand_in():
    script = (
        "import sys, json; sys.path.insert(0, sys.argv[1]); import rpds;"
        "from jsonschema import Draft202012Validator as V;"
        "import yaml; schema = json.load(open(sys.argv[2])); v = V(schema);"
        "print(rpds.__file__); print([sorted(e.json_path + e.message for e in v.iter_errors(d)) for p in sys.argv[3:]"
        " for d in yaml.safe_load_all(open(p))])"
    )
    names = ("typos", "out-of-range", "unfinished", "wrong-place", "quotes")
    files = [str(ROOT / "examples" / "broken" / f"{name}.modelspec.yaml") for name in names]
    schema = str(ROOT / "schema" / "modelspec-v1alpha1.schema.json")

    def run(folder):
        command = [sys.executable, "-c", script, folder, schema, *files]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()

    with_shim, with_real = run(str(SOURCES / "shims")), run("")
    assert "shims" in with_shim[0] and "shims" not in with_real[0]
    assert with_shim[1] == with_real[1] and "famly" in with_shim[1]


def test_launcher_says_what_runs():
    command = [sys.executable, "-I", "-S", "-X", "utf8", str(LAUNCH), "--probe"]
    facts = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    assert facts["version"] == list(sys.version_info[:3]) and facts["parser"] in {"C", "pure Python"}


def test_an_old_python_can_read_the_launcher():
    source = LAUNCH.read_text(encoding="utf-8")
    assert source.isascii()
    compile(source, "launch.py", "exec", dont_inherit=True)
    assert not any(word in source for word in ('f"', ":=", "async ", "match ", "->"))


def test_commands_of_the_manifest_are_those_of_the_code():
    manifest = json.loads((ROOT / "vscode-extension" / "package.json").read_text(encoding="utf-8"))
    declared = {entry["command"] for entry in manifest["contributes"]["commands"]}
    code = (ROOT / "vscode-extension" / "src" / "extension.ts").read_text(encoding="utf-8")
    assert all(f'"{command.removeprefix("modelspec.")}"' in code for command in declared)
    restricted = manifest["capabilities"]["untrustedWorkspaces"]["restrictedConfigurations"]
    properties = {k: v for block in manifest["contributes"]["configuration"] for k, v in block["properties"].items()}
    programs = {key for key, value in properties.items() if value["scope"] == "machine-overridable"}
    assert set(restricted) >= {key for key in programs if not key.endswith("logLevel")}
    assert len(manifest["contributes"]["walkthroughs"][0]["steps"]) == 9


@pytest.mark.parametrize("name", ["package.json", "package-lock.json"])
def test_no_file_names_a_host_to_load_from(name):
    text = (ROOT / "vscode-extension" / name).read_text(encoding="utf-8")
    assert '"resolved": "http' not in text


def test_the_bundle_holds_what_the_package_needs():
    tomllib = pytest.importorskip("tomllib")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    needed = {_name(line) for line in project["project"]["dependencies"]}
    lines = [*_lines("requirements.txt"), *_lines("requirements-native.txt")]
    assert needed <= {_name(line) for line in lines} | {"click", "rich"}, "only the command line needs click and rich"
    data = project["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    script = (ROOT / "scripts" / "bundle_server.py").read_text(encoding="utf-8")
    assert all(f'"{folder}"' in script for folder in data)


@pytest.mark.parametrize("name", ["requirements", "requirements-native"])
def test_the_locks_are_those_of_the_lists(name):
    """Each pinned version stands in the lock with its hashes, and nothing else does: `make lock` writes it anew."""
    locked = [line.split()[0] for line in _lines(f"{name}.lock") if "==" in line]
    listed = _lines(f"{name}.txt")
    assert {_pin(line) for line in locked} == {_pin(line) for line in listed}
    assert (SOURCES / f"{name}.lock").read_text(encoding="utf-8").count("--hash=sha256:") >= len(locked)


def test_the_lock_of_the_development_set_covers_it():
    tomllib = pytest.importorskip("tomllib")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    listed = (*project["project"]["dependencies"], *project["dependency-groups"]["dev"])
    wanted = {_name(line).replace(".", "-") for line in listed}
    text = (ROOT / "requirements-dev.lock").read_text(encoding="utf-8")
    locked = {_name(line).replace(".", "-") for line in text.splitlines() if re.match(r"[\w.-]+(\[[\w,]+\])?==", line)}
    assert wanted <= locked
    assert "--index-url" not in text and "://" not in text


def _lines(name):
    text = (SOURCES / name).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def _pin(line):
    name, _, version = line.partition("==")
    return _name(name).replace(".", "-"), version.split()[0]


def _name(line):
    return re.match(r"[\w.-]+", line)[0].lower().replace("_", "-")


def test_the_extension_and_the_server_have_one_version():
    from modelspec_ls import __version__

    manifest = json.loads((ROOT / "vscode-extension/package.json").read_text(encoding="utf-8"))
    assert manifest["version"] == __version__
