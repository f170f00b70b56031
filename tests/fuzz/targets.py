"""What is fuzzed: each target takes any bytes and raises only where the product is wrong."""

import asyncio
import atexit
import json
import math
import re
import shutil
import tempfile
from collections.abc import Callable
from functools import cache as kept
from pathlib import Path

from attrs import evolve
from feed import EXAMPLES, Feed

from modelspec_ls.analysis import check_document, resolve_fix
from modelspec_ls.core import finding
from modelspec_ls.core.config import Config, Limits, config_from
from modelspec_ls.core.finding import Applicability, Diagnostic, Place, Severity
from modelspec_ls.core.text import LineIndex, Span, apply_edits
from modelspec_ls.fit import evaluate
from modelspec_ls.fit.checkpoint import CheckpointFacts
from modelspec_ls.ide.formatting import format_document
from modelspec_ls.ide.memory_edit import edited, edits_between
from modelspec_ls.ide.memory_request import memory_fit
from modelspec_ls.ide.memory_view import view
from modelspec_ls.knowledge import engines
from modelspec_ls.lsp.framing import MAX_BODY, Framer, TooLarge, frame
from modelspec_ls.schema import validate as schema
from modelspec_ls.syntax.data import to_data
from modelspec_ls.syntax.edit import resolve_operation
from modelspec_ls.syntax.lookup import walk
from modelspec_ls.syntax.parse import parse
from modelspec_ls.workspace import cache
from modelspec_ls.workspace.checkpoint import read_checkpoint, read_config, stamp_of
from modelspec_ls.workspace.checkpoint_io import CheckpointFault
from modelspec_ls.workspace.deployments import deployment_in
from modelspec_ls.workspace.document import Document
from modelspec_ls.workspace.settings import settings_of
from support.conversation import converse
from support.trees import check as check_tree
from support.troubles import no_trouble
from support.workspace import opened

URI = "file:///ws/x.modelspec.yaml"
EMPTY_CACHE = cache._MAGIC + cache.fingerprint()


def fuzz_parse(data: bytes) -> None:
    """Any text becomes a sound tree; text that YAML allows keeps all its keys."""
    feed = Feed(data)
    check_tree(parse(feed.document(), json=feed.below(4) == 1))


def fuzz_rules(data: bytes) -> None:
    """Findings stand in the text, no rule falls over, every fix can be applied and safe ones stay done."""
    feed = Feed(data)
    name = feed.pick([URI, URI, "file:///ws/x.modelspec.json", "file:///ws/.modelspec/models/x.yaml", "untitled:x"])
    name = feed.pick([name, name, "file:///ws/.modelspec/accelerators/x.yaml", "file:///ws/modelspec.toml"])
    text = feed.document()
    document = Document(name, text, claimed=True)
    with no_trouble():
        found = check_document(opened(document, roots=("/ws",), config=Config()), name)
    assert found == tuple(sorted(found, key=lambda d: (d.span, d.severity, d.code, d.message)))
    for diagnostic in found:
        assert diagnostic.code != "MS000", diagnostic.message
        assert 0 <= diagnostic.span.start <= diagnostic.span.end <= len(text), diagnostic
        for fix in diagnostic.fixes[:4]:
            edits = resolve_fix(document, fix)
            after = parse(apply_edits(text, edits), json=document.tree.json)
            # Where all is broken, one thing put right lets others be seen.
            if fix.applicability is Applicability.SAFE and len(document.tree.problems) <= 3:
                assert len(after.problems) <= len(document.tree.problems), (diagnostic, fix)


def fuzz_edits(data: bytes) -> None:
    """Any operation on any place gives edits that fit the text, and does not break text that was sound."""
    feed = Feed(data)
    text = feed.document()
    tree = parse(text, json=feed.below(4) == 1)
    places = [Place(d.number, path) for d in tree.documents for path, _, _ in walk(d)] or [Place(0, ())]
    index = LineIndex(text)
    values = ["1", "x", '"a b"', "[1, 2]", "{a: 1}", "null"]
    for _ in range(4):
        place = feed.pick(places)
        operation = feed.pick(
            [
                finding.SetValue(place, feed.pick(values)),
                finding.RenameKey(place, feed.pick(["name", "x"])),
                finding.RemovePair(place),
                finding.RemoveNth(place, feed.below(3)),
                finding.MovePair(place, (*feed.pick(places).path, "moved")),
                finding.MovePair(place, ("a", "b")),
                finding.InsertPairs(place, (("k", "1"), ("l", feed.pick(values)))),
            ]
        )
        edits = resolve_operation(tree, index, operation)
        after = apply_edits(text, edits)
        if edits and not tree.problems and not tree.repairs:
            again = parse(after, json=tree.json)
            assert not again.problems, (operation, again.problems)


def fuzz_format(data: bytes) -> None:
    """Formatting keeps what the text says and is done after one time."""
    feed = Feed(data)
    document = Document(URI, feed.document(), claimed=True)
    snapshot = opened(document, roots=("/ws",))
    step = feed.pick([2, 4])
    text = apply_edits(document.text, format_document(snapshot, URI, step=step))
    after = Document(URI, text, claimed=True)
    assert meaning(document) == meaning(after)
    assert not format_document(opened(after, roots=("/ws",)), URI, step=step), "formatted twice"


def meaning(document: Document) -> list[str]:
    """What a text says, as something to compare."""
    if document.tree.problems or document.tree.repairs:
        return [document.text]
    # NaN differs from itself and aliases may nest without end: compare what can be written down.
    found = [to_data(d.root) for d in document.tree.documents]
    return [repr(data.value) if data.size < 10_000 else str(data.size) for data in found]


def fuzz_schema(data: bytes) -> None:
    """The quick verdict is the validator's, and what is wrong has a name."""
    feed = Feed(data)
    kind = feed.pick(["ModelSpec", "Model", "Accelerator"])
    text = feed.document()
    for part in parse(text).documents:
        found = to_data(part.root)
        if found.size > 5_000 or found.depth > 60:
            continue
        quick, slow = schema._quick(kind), schema.is_valid(kind, found.value)
        assert quick is None or quick(found.value) == slow
        assert bool(schema.validate(kind, found.value)) == (not slow)


def fuzz_fit(data: bytes) -> None:
    """Any numbers give an estimate whose bands enclose it, and the view can draw it."""
    feed = Feed(data)
    document = Document(URI, feed.document(), claimed=True)
    snapshot = opened(document, roots=("/ws",))
    overrides = {
        key: feed.pick([feed.number(), feed.text(2), *words])
        for key, words in {
            "count": [1, 8], "batch": [1, 64], "sequence": [4096], "gpuMemoryUtilization": [0.5, math.nan, 1.0],
            "accelerator": ["h100", "l4"], "precision": ["fp8", "int4"], "engine": list(engines.engine_names()),
            "kvCacheDtype": ["fp8", "auto"],
        }.items()
        if feed.below(2)
    }  # fmt: skip
    answer = memory_fit(snapshot, URI, overrides)
    json.dumps(answer, allow_nan=False)
    for number in document.spec_numbers:
        json.dumps(view(snapshot, document, number, overrides), allow_nan=False)
        changed, _ = edited(snapshot, document, number, overrides)
        assert apply_edits(document.text, edits_between(document.text, changed.text)) == changed.text
        given = deployment_in(snapshot, document, number).given
        if given is None:
            continue
        given = evolve(given, batch=max(feed.number(), 1), sequence=max(feed.number(), 1), count=max(feed.number(), 1))
        report = evaluate(given)
        device = report.per_device
        for quantity in (device.capacity, device.weights, device.kv_need, device.activations, device.overhead):
            assert quantity is None or quantity.low <= quantity.value <= quantity.high, quantity


def fuzz_checkpoint(data: bytes) -> None:
    """Files that claim to be a checkpoint give facts or a fault."""
    feed = Feed(data)
    folder = scratch()
    names = ["config.json", "model.safetensors", "m.gguf", "model.safetensors.index.json", "model-00001-of-00002.gguf"]
    names += ["model-00001-of-00001.safetensors", "hf_quant_config.json", "pytorch_model.bin"]
    for name in [feed.pick(names) for _ in range(1 + feed.below(3))]:
        (folder / name).write_bytes(content(feed, name))
    for path in (str(folder), *sorted(map(str, folder.iterdir()))):
        found = read_checkpoint(path)
        assert isinstance(found, (CheckpointFacts, CheckpointFault))
        if isinstance(found, CheckpointFault):
            assert found.message.endswith(".") and "\n" not in found.message, found.message
        read_config(path)
        stamp_of(path)


@kept
def sound_file(name: str) -> bytes:
    """A file of a checkpoint as it should be, to be spoiled."""
    from support import headers

    return headers.sound(name)


def content(feed: Feed, name: str) -> bytes:
    """What may stand in a file of a checkpoint."""
    if feed.below(3) == 0:
        return bytes(feed.byte() for _ in range(feed.below(200)))
    out = bytearray(sound_file(name))
    for _ in range(feed.below(6)):
        at = feed.below(len(out) + 1)
        out[at : at + feed.pick([0, 1, 1, 4, 8])] = feed.pick(
            [b"", b"\0", b"\xff" * 8, bytes([feed.byte()]), b'"', b"[" * 50, b"{", b"1e999", b"-", b"9" * 30, b"NaN"]
        )
    return bytes(out)


_MEMORY = Path("/dev/shm")
_folder: list[Path] = []


def scratch() -> Path:
    """An empty folder, in memory where there is some such place; gone when Python ends."""
    if not _folder:
        _folder.append(Path(tempfile.mkdtemp(prefix="fuzz", dir=_MEMORY if _MEMORY.is_dir() else None)))
        atexit.register(shutil.rmtree, _folder[0], ignore_errors=True)
    for path in _folder[0].iterdir():
        path.unlink()
    return _folder[0]


def fuzz_settings(data: bytes) -> None:
    """Settings from any text or any JSON are read as far as they are right."""
    feed = Feed(data)
    config, problems = config_from(feed.json())
    assert isinstance(config, Config) and all(isinstance(p, str) for p in problems)
    keys = ["select", "ignore", "severity", "environments", "prices", "engines", "catalogue", "limits", "extends"]
    keys += ["overrides", "x", "[overrides]", "[[overrides]]", "[engines.vllm]", "[limits]", "[severity]", '"a.b"']
    values = ['"MS1"', "[]", "{}", "1", '"""', "'", "true", "1979-05-27", "[[", "{ a = 1 }", "inf", '"\\u0000"', "-1"]
    text = "".join(
        feed.pick(keys) + feed.pick([" = ", "\n", ".x = ", "="]) + feed.pick([*values, feed.text(2)]) + "\n"
        for _ in range(feed.below(8))
    )
    for body in (text, feed.rest().decode("utf-8", "replace")):
        found = settings_of("/ws/modelspec.toml", body, Limits())
        for span in (*found.toml.keys.values(), *found.toml.items.values()) if found else ():
            assert 0 <= span.start <= span.end <= len(body)
        document = Document("file:///ws/modelspec.toml", body)
        with no_trouble():
            assert all(d.code != "MS000" for d in check_document(opened(document), document.uri))


def fuzz_framing(data: bytes) -> None:
    """Any bytes in any pieces: no message is lost after garbage, nothing piles up."""
    feed = Feed(data)
    framer, size = Framer(), 1 + feed.below(64)
    stream = feed.rest() + b"\r\n\r\n" + frame(b"last")
    out = [body for at in range(0, len(stream), size) for body in framer.feed(stream[at : at + size])]
    for body in out:
        assert isinstance(body, TooLarge) or len(body) <= MAX_BODY
    assert len(framer._buffer) <= len(stream)


_FAR_MEMO = re.compile(rb"r..(?:[^\0].|.[^\0])", re.DOTALL)


def fuzz_cache(data: bytes) -> None:
    """A cache that somebody else wrote gives values of ours or nothing, and runs nothing."""
    if _FAR_MEMO.search(data):
        return  # Makes Python's own reader take gigabytes; hence a cache must be the user's own.
    path = scratch() / "check.bin"
    path.write_bytes(EMPTY_CACHE + cache.digest(data) + data)
    assert isinstance(cache._read(str(path)), dict)


def fuzz_session(data: bytes) -> None:
    """Any conversation: one answer per request, places inside the text, nothing that fails inside."""
    with no_trouble():
        asyncio.run(converse(Feed(data)))


TARGETS: dict[str, Callable[[bytes], None]] = {
    name.removeprefix("fuzz_"): function for name, function in list(globals().items()) if name.startswith("fuzz_")
}


def seeds(name: str) -> list[bytes]:
    """What to begin with: choices of some kinds, and whole texts or files where the target takes them."""
    out = [bytes((i * n + n) % 256 for i in range(60)) for n in (1, 7, 31, 101)]
    if name in {"parse", "rules", "edits", "format", "schema", "fit"}:
        # A first byte of 0 means that the rest is the text; rules and schema choose something else before.
        before = {"rules": b"\0\0", "schema": b"\0"}.get(name, b"")
        out += [before + b"\0" + text.encode() for text in EXAMPLES[::4]]
    if name == "cache":
        diagnostic = Diagnostic("MS1", "x", "y", Severity.ERROR, "z", Span(0, 1), "", 0)
        out += [cache.pack({"a": (b"0", (diagnostic, Severity.HINT))}), b"cos\nsystem\n(S'true'\ntR."]
    if name == "framing":
        out += [b"\x07" + frame(b"{}") + b"Content-Length: 5\r\n\r\n{}", b"\x01Content-Length: 99999999999\r\n\r\n"]
    return out
