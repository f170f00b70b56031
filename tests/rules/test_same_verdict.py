"""Our errors are the reference validator's errors: same verdict on thousands of broken documents.

Only what a dumper writes is compared. By design the two differ on what no dumper writes: a key that is set
twice is an error here and none there, several documents in a file are information here and an error there.
"""

import copy
import itertools
import json
import random
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from modelspec_ls.analysis import check_text
from modelspec_ls.core.config import Config
from modelspec_ls.core.finding import Severity
from modelspec_ls.workspace.document import Document
from modelspec_ls.workspace.scopes import Scope
from support.reference import REFERENCE

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("0*.modelspec.yaml"))
VALIDATOR = Draft202012Validator(REFERENCE)
CONFIG = Config(select=("syntax", "schema"))
SCOPE = Scope(CONFIG)
DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
ROUNDS = 35
PER_ROUND = 10

# What people and generators write where something else belongs.
VALUES = (
    None, True, False, 0, 1, -1, 2, 65535, 65536, 80000, 0.5, 1.0, -0.0, 1e3, 1e300, 10**30, float("inf"), float("nan"),
    "", " ", "1", "1.10", "true", "yes", "No", "on", "null", "~", "2025-01-31", "12:30", "1_0", "010", "0o10", "1e3",
    "0x1F", ".5", "+1", "=", "<<", "-", "?", "a: b", "# no", "'", '"', "text\nof lines\n", "http", "HTTP", "input",
    "piqc.ai/v1alpha1", "piqc.ai/v0.2", "ModelSpec", "é 日本 🚀", "trailing ", "@at", "%p", "&a", "*a", "!t", "[", "{",
    [], {}, [1], ["a"], {"a": "b"}, {"a": 1}, [{"name": "a", "type": "b"}], [None], {"id": "a", "role": "input"},
)  # fmt: skip
KEYS = (
    "x", "Name", "names", "max_batch_size", "owner", "spec", "model", "on", "yes", "1", "null", "", "<<", "a b", "é",
    1, 1.5, True, None, "x.y/z", "required", "count", "2025-01-31",
)  # fmt: skip


def places(value, path=()):
    """Every value with the way to it."""
    yield path, value
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from places(item, (*path, key))


def mutate(data, chance):
    """One small accident, in place where possible; returns the document."""
    path, value = chance.choice(list(places(data)))
    if not path:
        return chance.choice(VALUES) if chance.random() < 0.2 else data
    holder = data
    for part in path[:-1]:
        holder = holder[part]
    key = path[-1]
    match chance.randrange(8):
        case 0:
            del holder[key]
        case 1 | 2:
            holder[key] = copy.deepcopy(chance.choice(VALUES))
        case 3 if isinstance(holder, dict):
            holder[chance.choice(KEYS)] = holder.pop(key)
        case 4 if isinstance(holder, dict):
            holder[chance.choice(KEYS)] = copy.deepcopy(chance.choice(VALUES))
        case 5:
            holder[key] = [value] if chance.random() < 0.5 else {"value": value}
        case 6:
            holder[key] = str(value)
        case 7 if isinstance(value, list):
            value.extend(copy.deepcopy(value))
        case _:
            _, other = chance.choice(list(places(data)))
            holder[key] = copy.deepcopy(other)
    return data


def broken(path):
    chance = random.Random(path.name)
    original = yaml.safe_load(path.read_text(encoding="utf-8"))
    for _ in range(ROUNDS):
        data = copy.deepcopy(original)
        for _ in range(PER_ROUND):
            data = mutate(data, chance)
            yield data
            if chance.random() < 0.5:
                data = copy.deepcopy(original)


def errors(text, name):
    found = check_text(Document(name, text, claimed=True), SCOPE)
    return [f"{d.code} {d.pointer} {d.message}" for d in found if d.severity is Severity.ERROR]


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda p: p.name[:2])
def test_yaml(path):
    for flow, data in zip(itertools.cycle([False, None, False, True]), broken(path)):
        text = yaml.dump(data, Dumper=DUMPER, sort_keys=False, allow_unicode=True, default_flow_style=flow)
        ours, valid = errors(text, "x.modelspec.yaml"), VALIDATOR.is_valid(yaml.load(text, LOADER))
        assert bool(ours) is not valid, f"{ours or 'no error'}\n{text}"


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda p: p.name[:2])
def test_json(path):
    for data in itertools.islice(broken(path), 0, None, 4):
        text = json.dumps(data, indent=2, ensure_ascii=len(str(data)) % 2 == 0)
        ours, valid = errors(text, "x.modelspec.json"), VALIDATOR.is_valid(json.loads(text))
        assert bool(ours) is not valid, f"{ours or 'no error'}\n{text}"
