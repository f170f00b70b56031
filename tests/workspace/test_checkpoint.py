"""Reading checkpoints from disk, on tiny ones built by hand."""

from __future__ import annotations

import json
import os
import struct
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from modelspec_ls.fit.checkpoint import CheckpointFacts
from modelspec_ls.workspace import checkpoint_io
from modelspec_ls.workspace.checkpoint import path_of_uri, read_checkpoint, snapshot_in_cache, stamp_of
from modelspec_ls.workspace.checkpoint_io import CheckpointFault, CheckpointLimits
from support.headers import TENSORS, gguf, gguf_text, header, packed, safetensors

posix = pytest.mark.skipif(os.name == "nt", reason="needs POSIX")
CONFIG = {
    "model_type": "llama",
    "hidden_size": 8,
    "intermediate_size": 16,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "num_key_value_heads": 1,
    "vocab_size": 10,
    "max_position_embeddings": 64,
    "tie_word_embeddings": False,
}
HALF = TENSORS
OTHER = {"model.layers.1.mlp.up_proj.weight": ("BF16", [16, 8]), "lm_head.weight": ("BF16", [10, 8])}


def folder(path: Path, **files) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    (path / "config.json").write_text(json.dumps(CONFIG))
    for name, data in files.items():
        (path / name.replace("__", ".")).write_bytes(data)
    return path


def facts(path) -> CheckpointFacts:
    found = read_checkpoint(str(path))
    assert isinstance(found, CheckpointFacts), found
    return found


def fault(path, **limits) -> str:
    found = read_checkpoint(str(path), CheckpointLimits(**limits))
    assert isinstance(found, CheckpointFault), found
    assert found.message.endswith((".", ")"))
    return found.message


def sharded(path: Path) -> Path:
    where = dict.fromkeys(HALF, "model-00001-of-00002.safetensors")
    where |= dict.fromkeys(OTHER, "model-00002-of-00002.safetensors")
    folder(path)
    (path / "model.safetensors.index.json").write_text(
        json.dumps({"metadata": {"total_size": 832}, "weight_map": where})
    )
    (path / "model-00001-of-00002.safetensors").write_bytes(safetensors(HALF))
    (path / "model-00002-of-00002.safetensors").write_bytes(safetensors(OTHER))
    return path


# Safetensors


def test_one_file(tmp_path):
    found = facts(folder(tmp_path, model__safetensors=safetensors(HALF | OTHER)))
    assert (found.sort, found.weight_bytes, found.architecture.parameters) == ("safetensors", 832, 416)
    assert found.weights is not None and found.weights.name == "bf16"
    assert found.architecture.kv is not None and found.architecture.kv.elements_per_token_full == 2 * 2 * 4
    assert found.dtypes == {"BF16": 832} and found.files == ("model.safetensors",)
    assert facts(tmp_path / "model.safetensors") == found


def test_shards_with_and_without_the_index(tmp_path):
    whole = facts(sharded(tmp_path))
    assert (whole.weight_bytes, whole.tensors, len(whole.files)) == (832, 4, 3)
    (tmp_path / "model.safetensors.index.json").unlink()
    assert facts(tmp_path).weight_bytes == 832
    assert facts(tmp_path / "model-00002-of-00002.safetensors").weight_bytes == 832
    (tmp_path / "model-00001-of-00002.safetensors").unlink()
    assert "1 of 2 files are missing, the first is `model-00001-of-00002.safetensors`" in fault(tmp_path)


def test_a_missing_shard_of_the_index(tmp_path):
    sharded(tmp_path)
    (tmp_path / "model-00002-of-00002.safetensors").unlink()
    assert "1 of 2 files are missing" in fault(tmp_path)


@pytest.mark.parametrize("name", ["../secret.safetensors", "/etc/passwd", "..", "a\\b", "a\0b", "", "x" * 300])
def test_an_index_never_leads_elsewhere(tmp_path, name):
    folder(tmp_path)
    (tmp_path / "model.safetensors.index.json").write_text(json.dumps({"weight_map": {"a": name}}))
    assert "only names of files beside it" in fault(tmp_path)


@pytest.mark.parametrize("content", ["[]", "{}", '{"weight_map": []}', '{"weight_map": {"a": 1}}', "{", "null", "\0"])
def test_an_index_that_is_none(tmp_path, content):
    folder(tmp_path)
    (tmp_path / "model.safetensors.index.json").write_text(content)
    fault(tmp_path)


SOUND, SIZE = header(HALF)
ONE = {"dtype": "BF16", "shape": [4], "data_offsets": [0, 8]}


@pytest.mark.parametrize(
    "data, words",
    [
        (b"", "no safetensors header"),
        (b"\x08" + bytes(7), "no safetensors header"),
        ((2**63).to_bytes(8, "little") + b"{}  ", "promises a header"),
        (packed(json.dumps(SOUND).encode(), SIZE)[:-1], "cut off or damaged"),
        (packed(json.dumps(SOUND).encode(), SIZE + 1), "bytes of data where its header lists"),
        (packed(b"[1]", 0), "holds a list"),
        (packed(b'{"a": NaN}', 0), "not JSON"),
        (packed(b'{"a": 1' + b"0" * 5000 + b"}", 0), "not JSON"),
        (packed(b"[" * 5000, 0), "not JSON"),
        (packed(b'{"\xff": 1}', 0), "not UTF-8"),
        (packed(json.dumps({"a": ONE}).encode()[:-1] + b', "a": 1}', 8), "'a' twice"),
        (packed(b'{"a": 1}', 0), "an object with dtype"),
        (packed(json.dumps({"a": ONE | {"dtype": "Q9"}}).encode(), 8), "'Q9' is none of"),
        (packed(json.dumps({"a": ONE | {"dtype": ["BF16"]}}).encode(), 8), "is none of"),
        (packed(json.dumps({"a": ONE | {"shape": [-4]}}).encode(), 8), "whole numbers"),
        (packed(json.dumps({"a": ONE | {"shape": [4.0]}}).encode(), 8), "whole numbers"),
        (packed(json.dumps({"a": ONE | {"shape": [True, 4]}}).encode(), 8), "whole numbers"),
        (packed(json.dumps({"a": ONE | {"shape": [2**62] * 60}}).encode(), 8), "do not hold"),
        (packed(json.dumps({"a": ONE | {"data_offsets": [0, 8, 9]}}).encode(), 8), "two whole numbers"),
        (packed(json.dumps({"a": ONE | {"data_offsets": [8, 0]}}).encode(), 8), "do not hold"),
        (packed(json.dumps({"a": ONE, "b": ONE}).encode(), 8), "overlap or leave a gap"),
        (packed(json.dumps({"a": ONE | {"data_offsets": [8, 16]}}).encode(), 16), "overlap or leave a gap"),
    ],
)
def test_headers_that_lie(tmp_path, data, words):
    assert words in fault(folder(tmp_path, model__safetensors=data))


def test_limits_of_headers(tmp_path):
    folder(tmp_path, model__safetensors=safetensors(HALF))
    assert "at most 0.0 MiB is read" in fault(tmp_path, header_bytes=50)
    assert "at most 0.0 MiB is read" in fault(tmp_path, total_header_bytes=50)
    assert "more than 1 tensors" in fault(tmp_path, tensors=1)
    assert "more than 0 entries" in fault(tmp_path, entries=0)
    assert "at most 0 are read" in fault(tmp_path, files=0)
    crowded = packed(b'{"a":[' + b"{}," * 20_000 + b"{}]}", 0)
    assert "lists more than 5 tensors" in fault(folder(tmp_path, model__safetensors=crowded), tensors=5)


def test_limits_of_an_index(tmp_path, monkeypatch):
    """What is too long is not parsed, and no file is looked for where there are too many."""
    names = {f"t{n}": f"m{n}.safetensors" for n in range(50)}
    folder(tmp_path)
    (tmp_path / "model.safetensors.index.json").write_text(json.dumps({"weight_map": names}))
    asked, parsed, exists, parse = [], [], checkpoint_io.Root.exists, checkpoint_io.parse
    monkeypatch.setattr(checkpoint_io.Root, "exists", lambda r, name: asked.append(name) or exists(r, name))
    monkeypatch.setattr(checkpoint_io, "parse", lambda data, name, **k: parsed.append(name) or parse(data, name, **k))
    assert "has 50 files; at most 49 are read" in fault(tmp_path, files=49)
    assert not set(asked) & set(names.values())
    parsed.clear()
    assert "`model.safetensors.index.json` lists 51 names; at most 49" in fault(tmp_path, tensors=49)
    assert parsed == ["config.json"]


@pytest.mark.parametrize("bomb", [b'{"a":[' + b"0," * 10**6 + b"0]}", b"{" + b'"a":0,' * 10**6 + b'"a":0}'])
def test_a_header_of_something_else_is_not_parsed(tmp_path, bomb):
    assert "no list of tensors" in fault(folder(tmp_path, model__safetensors=packed(bomb, 0)))


def test_two_models_in_one_folder(tmp_path):
    folder(tmp_path, a__safetensors=safetensors(HALF), b__safetensors=safetensors(HALF))
    assert "different models" in fault(tmp_path)


# config.json


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b"{", b"\xff\xfe{}", b'{"a": ' + b"[" * 90 + b"]" * 90 + b"}", b"[" * 100_000, b'"' + b"x" * 100],
)
def test_a_config_that_is_none(tmp_path, content):
    folder(tmp_path, model__safetensors=safetensors(HALF), config__json=content)
    assert "`config.json`" in fault(tmp_path)


def test_a_config_may_hold_infinity_and_twice_the_same_key(tmp_path):
    content = b'{"time_step_limit": [0.0, Infinity], "vocab_size": 1, "vocab_size": 10}'
    assert facts(folder(tmp_path, model__safetensors=safetensors(HALF), config__json=content)).architecture.vocab == 10


def test_a_config_too_large(tmp_path):
    folder(tmp_path, model__safetensors=safetensors(HALF))
    assert "at most" in fault(tmp_path, config_bytes=10)


def test_weights_without_a_config_and_the_reverse(tmp_path):
    folder(tmp_path, model__safetensors=safetensors(HALF))
    (tmp_path / "config.json").unlink()
    found = facts(tmp_path)
    assert found.weight_bytes == 416 and found.architecture.kv is None and "no config.json" in found.notes[0]
    assert "config.json and no weights" in fault(folder(tmp_path / "b"))
    (tmp_path / "c").mkdir()
    assert "neither" in fault(tmp_path / "c")


def test_a_quantisation_file_of_its_own(tmp_path):
    own = json.dumps({"quantization": {"quant_algo": "FP8"}}).encode()
    found = facts(folder(tmp_path, model__safetensors=safetensors(HALF), hf_quant_config__json=own))
    assert found.weights is not None and found.weights.name == "fp8"


def test_pickles_are_counted_and_not_opened(tmp_path):
    folder(tmp_path, **{"pytorch_model-00001-of-00001__bin": bytes(800), "training_args__bin": bytes(100)})
    found = facts(tmp_path)
    assert (found.sort, found.weight_bytes, found.parameters_exact) == ("pickle", 800, False)


# Paths and links


def test_paths_that_are_no_checkpoint(tmp_path):
    (tmp_path / "a.txt").write_text("x")
    assert "a .safetensors or a .gguf file is expected" in fault(tmp_path / "a.txt")
    assert "no such file" in fault(tmp_path / "missing.gguf")
    fault(tmp_path / ("x" * 5000))
    fault(str(tmp_path) + "/\0.gguf")


@posix
def test_links_are_followed_inside_the_folder_only(tmp_path):
    folder(tmp_path / "m", real__bin=safetensors(HALF))
    (tmp_path / "secret").write_bytes(safetensors(HALF))
    (tmp_path / "m/model.safetensors").symlink_to("real.bin")
    assert facts(tmp_path / "m").weight_bytes == 416
    (tmp_path / "m/model.safetensors").unlink()
    (tmp_path / "m/model.safetensors").symlink_to(tmp_path / "secret")
    assert "leads out of the folder" in fault(tmp_path / "m")


@posix
def test_links_that_go_round_and_pipes(tmp_path):
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    fault(tmp_path / "a")
    (tmp_path / "config.json").symlink_to("config.json")
    (tmp_path / "model.safetensors").write_bytes(safetensors(HALF))
    assert "leads back to itself" in fault(tmp_path)
    (tmp_path / "config.json").unlink()
    os.mkfifo(tmp_path / "config.json")
    assert "named pipe" in fault(tmp_path)
    os.mkfifo(tmp_path / "x.gguf")
    assert "named pipe" in fault(tmp_path / "x.gguf")


@posix
def test_a_hugging_face_cache(tmp_path):
    repository = tmp_path / "models--org--name"
    (repository / "refs").mkdir(parents=True)
    (repository / "refs/main").write_text("abc123")
    (repository / "blobs").mkdir()
    (repository / "snapshots/abc123").mkdir(parents=True)
    for name, data in {"config.json": json.dumps(CONFIG).encode(), "model.safetensors": safetensors(HALF)}.items():
        (repository / "blobs" / name[:3]).write_bytes(data)
        (repository / "snapshots/abc123" / name).symlink_to(f"../../blobs/{name[:3]}")
    found = snapshot_in_cache(str(tmp_path), "org/name")
    assert found is not None and facts(found).weight_bytes == 416
    assert snapshot_in_cache(str(tmp_path), "org/name", "abc123") == found
    (repository / "snapshots/abc123/q4").mkdir()
    (repository / "snapshots/abc123/q4/model.safetensors").symlink_to("../../../blobs/mod")
    assert facts(Path(found) / "q4").weight_bytes == 416
    (repository / "snapshots/abc123/q4/model.safetensors").unlink()
    (repository / "snapshots/abc123/q4/model.safetensors").symlink_to(tmp_path / "models--org--else")
    assert "leads out of the folder" in fault(Path(found) / "q4/model.safetensors")
    for model, revision in [
        ("org/other", None),
        ("org/name", "v2"),
        ("../x", None),
        ("org/name", "../../x"),
        ("a/b/c", None),
    ]:
        assert snapshot_in_cache(str(tmp_path), model, revision) is None
    (repository / "refs/main").write_text("../../..")
    assert snapshot_in_cache(str(tmp_path), "org/name") is None


@pytest.mark.parametrize(
    "uri, expected",
    [
        ("file:///models/a%20b", "/models/a b"),
        ("file://localhost/models/a", "/models/a"),
        ("file://host/models/a", None),
        ("./models/a", "/spec/models/a"),
        ("../a", "/a"),
        ("/models/a", "/models/a"),
        ("org/name", None),
        ("hf://org/name", None),
        ("", None),
        ("a\0b", None),
    ],
)
@posix
def test_paths_of_uris(uri, expected):
    assert path_of_uri(uri, "/spec") == expected


def test_stamps_change_with_the_files(tmp_path):
    assert stamp_of(str(tmp_path / "nothing")) == ()
    first = stamp_of(str(folder(tmp_path, model__safetensors=safetensors(HALF))))
    assert [name for name, _, _ in first] == ["config.json", "model.safetensors"]
    folder(tmp_path, model__safetensors=safetensors(HALF | OTHER))
    assert stamp_of(str(tmp_path)) != first


# GGUF


def one(tmp_path: Path, data: bytes) -> Path:
    (tmp_path / "m.gguf").write_bytes(data)
    return tmp_path / "m.gguf"


@pytest.mark.parametrize("order, version", [("<", 2), ("<", 3), (">", 3)])
def test_gguf(tmp_path, order, version):
    found = facts(one(tmp_path, gguf(order=order, version=version)))
    assert (found.sort, found.weight_bytes) == ("gguf", 64 * 3 * 4 + 64 * 64 // 32 * 18)
    assert found.architecture.parameters == 64 * 3 + 64 * 64
    assert (found.architecture.layers, found.architecture.vocab, found.architecture.tied) == (2, 3, True)
    assert found.weights is not None and found.weights.name == "gguf-q4_0"
    assert facts(tmp_path) == found


def test_split_gguf(tmp_path):
    first = gguf({"split.count": 2}, {"token_embd.weight": ([64, 3], 0)})
    (tmp_path / "m-00001-of-00002.gguf").write_bytes(first)
    assert "1 of 2 files are missing" in fault(tmp_path)
    (tmp_path / "m-00002-of-00002.gguf").write_bytes(gguf({}, {"output.weight": ([64, 3], 0)}))
    assert facts(tmp_path).weight_bytes == 2 * 64 * 3 * 4
    assert facts(tmp_path / "m-00002-of-00002.gguf").architecture.tied is False
    (tmp_path / "other.gguf").write_bytes(first)
    assert "2 GGUF models: `m`, `other.gguf`" in fault(tmp_path)
    assert "one of 2 parts and 1 are here" in fault(tmp_path / "other.gguf")


@pytest.mark.parametrize(
    "data, words",
    [
        (b"GGUF", "no GGUF header"),
        (b"GGML" + bytes(40), "begins with b'GGML'"),
        (gguf(version=1), "GGUF version 1"),
        (gguf(version=9), "GGUF version 9"),
        (gguf(counts=(2**60, 1)), "promises"),
        (gguf(counts=(1, 2**60)), "promises"),
        (gguf()[:150], "ends inside its header"),
        (gguf()[:-40], "after the end of the file"),
        (gguf({"a": struct.pack("<IQ", 8, 2**62)}), "a text of"),
        (gguf({"a": struct.pack("<IIQ", 9, 8, 2**62)}), "promises"),
        (gguf({"a": struct.pack("<IIQ", 9, 4, 2**62)}), "promises"),
        (gguf({"a": struct.pack("<IIQ", 9, 9, 1)}), "holds type 9"),
        (gguf({"a": struct.pack("<I", 77)}), "a value of type 77"),
        (gguf({"general.alignment": 0}), "alignment 0"),
        (gguf(tensors={"a": ([64], 99)}), "type 99 is none"),
        (gguf(tensors={"a": ([33], 2)}), "no whole blocks"),
        (gguf(tensors={"a": ([1] * 5, 0)}), "5 dimensions"),
        (gguf(tensors={"a": ([2**62, 2**62], 0)}, data=0), "no whole blocks"),
        (gguf(tensors={"x" * 2000: ([64], 0)}), "a text of 2,000 bytes"),
    ],
)
def test_gguf_that_lies(tmp_path, data, words):
    assert words in fault(one(tmp_path, data))


def test_gguf_keys_twice_and_odd_text(tmp_path):
    data = gguf({"llama.aaaaa": 1, "llama.bbbbb": 2}).replace(b"bbbbb", b"aaaaa")
    assert "'llama.aaaaa' twice" in fault(one(tmp_path, data))
    facts(one(tmp_path, gguf({"general.name": struct.pack("<I", 8) + gguf_text(b"\xff\xfe")})))


def test_gguf_limits(tmp_path):
    path = one(tmp_path, gguf())
    assert "which is all that is read" in fault(path, total_header_bytes=100)
    assert "at most 2 are read" in fault(path, items=2)
    assert "at most 1 and" in fault(path, tensors=1)


# Anything at all


def _kinds(found) -> None:
    assert isinstance(found, (CheckpointFacts, CheckpointFault))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(["gguf", "safetensors"]), st.binary(max_size=200))
def test_random_bytes(tmp_path, ending, data):
    path = tmp_path / f"m.{ending}"
    path.write_bytes((b"GGUF" if ending == "gguf" else b"") + data)
    _kinds(read_checkpoint(str(path)))


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from([gguf(), gguf(order=">"), safetensors(HALF)]),
    st.lists(st.tuples(st.integers(0, 600), st.integers(0, 255)), min_size=1, max_size=4),
    st.integers(0, 50),
)
def test_mutations(tmp_path, data, changes, cut):
    raw = bytearray(data)
    for at, value in changes:
        raw[at % len(raw)] = value
    path = tmp_path / ("m.gguf" if data.startswith(b"GGUF") else "m.safetensors")
    path.write_bytes(bytes(raw[: len(raw) - cut]))
    _kinds(read_checkpoint(str(path)))
