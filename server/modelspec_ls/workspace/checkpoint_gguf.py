"""Headers of GGUF files, versions 2 and 3, of either byte order. Tensor data is not read, but for the read-ahead.

Layout: magic, version, tensor count, key count; keys with typed values; tensor infos (name, dimensions, type, offset);
padding to the alignment; data (docs/gguf.md of ggml).
"""

from __future__ import annotations

import math
import struct
from itertools import pairwise
from typing import Any, BinaryIO, NamedTuple

from modelspec_ls.fit.checkpoint import Tensor
from modelspec_ls.fit.checkpoint_gguf import GGML_TYPES

from .checkpoint_io import MIB, CheckpointLimits, Root, Stop, open_inside

_AHEAD = 256 * 1024
_SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_STRING, _ARRAY = 8, 9
_LONGEST_KEY = 65_535
_LONGEST_NAME = 1024
_LONGEST_TEXT = 16 * MIB
_MOST_KEYS = 65_536
_KEPT_ITEMS = 10_000
_MOST_DIMENSIONS = 4


class Gguf(NamedTuple):
    """A header: metadata and tensors. A list that is not kept leaves its length under its key with ``#``."""

    metadata: dict[str, Any]
    tensors: list[Tensor]
    header_bytes: int


class _Cursor:
    """Reads forward through a bounded part of a file."""

    def __init__(self, file: BinaryIO, name: str, limit: int) -> None:
        self.file, self.name, self.limit = file, name, limit
        self.order = "<"
        self.data = b""
        self.at = 0
        self.before = 0

    @property
    def place(self) -> int:
        return self.before + self.at

    def take(self, size: int) -> int:
        """Make ``size`` bytes available and step over them; returns where they start in ``data``."""
        if self.at + size > len(self.data):
            if self.place + size > self.limit:
                raise Stop(
                    f"`{self.name}`: the header is longer than {self.limit / MIB:.1f} MiB, which is all that is read."
                    " Check that the file is sound."
                )
            rest = self.data[self.at :]
            self.before, self.at = self.place, 0
            wanted = min(max(size - len(rest), _AHEAD), self.limit - self.before - len(rest))
            self.data = rest + self.file.read(wanted)
            if len(self.data) < size:
                raise Stop(
                    f"`{self.name}` ends inside its header, at byte {self.before + len(self.data):,}."
                    " Download it again."
                )
        start = self.at
        self.at += size
        return start

    def scalar(self, code: str) -> Any:
        size = struct.calcsize("<" + code)
        start = self.take(size)
        return struct.unpack_from(self.order + code, self.data, start)[0]

    def text(self, longest: int) -> str:
        length = self.scalar("Q")
        if length > longest:
            raise Stop(
                f"`{self.name}`: a text of {length:,} bytes at byte {self.place:,}; at most {longest:,} are read."
            )
        start = self.take(length)
        return self.data[start : start + length].decode("utf-8", "replace")


def read_gguf(root: Root, name: str, limits: CheckpointLimits, room: int) -> Gguf:
    """The header of one file. ``room``: bytes of headers that may still be read."""
    file, size = open_inside(root, name)
    with file:
        try:
            return _read(_Cursor(file, name, room), size, limits)
        except OSError as error:
            raise Stop(f"`{name}` cannot be read: {error.strerror or error}.") from None


def _read(cursor: _Cursor, size: int, limits: CheckpointLimits) -> Gguf:
    name = cursor.name
    if size < 24:
        raise Stop(f"`{name}` has {size} bytes: no GGUF header. Download it again.")
    start = cursor.take(4)
    magic = cursor.data[start : start + 4]
    if magic != b"GGUF":
        raise Stop(f"`{name}` begins with {magic!r} where `GGUF` is expected. Check that it is the right file.")
    version = cursor.scalar("I")
    if version & 0xFFFF == 0:
        cursor.order, version = ">", int.from_bytes(version.to_bytes(4, "little"), "big")
    if version not in {2, 3}:
        raise Stop(
            f"`{name}` is GGUF version {version}; versions 2 and 3 are read. Convert it with a current llama.cpp."
        )
    tensors, keys = cursor.scalar("Q"), cursor.scalar("Q")
    if tensors > limits.tensors or keys > _MOST_KEYS:
        raise Stop(
            f"`{name}` promises {tensors:,} tensors and {keys:,} keys; at most {limits.tensors:,} and {_MOST_KEYS:,}"
            " are read. Check that the file is sound."
        )
    metadata: dict[str, Any] = {}
    items = limits.items
    for _ in range(keys):
        key = cursor.text(_LONGEST_KEY)
        if key in metadata or f"{key}#" in metadata:
            raise Stop(f"`{name}` has the key {key[:80]!r} twice; each may stand once. Download it again.")
        kind = cursor.scalar("I")
        if kind == _ARRAY:
            items -= _array(cursor, key, metadata, items, size)
        else:
            metadata[key] = _value(cursor, kind, key)
    infos = [_info(cursor) for _ in range(tensors)]
    alignment = metadata.get("general.alignment", 32)
    if not isinstance(alignment, int) or not 1 <= alignment <= 2**20:
        raise Stop(f"`{name}` has the alignment {str(alignment)[:40]}; a power of two such as 32 is expected.")
    return Gguf(metadata, _checked(infos, name, size - -(-cursor.place // alignment) * alignment), cursor.place)


def _value(cursor: _Cursor, kind: int, key: str) -> Any:
    if kind == _STRING:
        return cursor.text(_LONGEST_TEXT)
    code = _SCALARS.get(kind)
    if code is None:
        raise Stop(f"`{cursor.name}`: the key {key[:80]!r} has a value of type {kind}; types 0 to 12 are known.")
    return cursor.scalar(code)


def _array(cursor: _Cursor, key: str, metadata: dict[str, Any], items: int, size: int) -> int:
    """Read or step over a list; returns how many texts it had."""
    kind, length = cursor.scalar("I"), cursor.scalar("Q")
    metadata[f"{key}#"] = length
    if kind == _STRING:
        if length > items:
            raise Stop(f"`{cursor.name}`: the list {key[:80]!r} promises {length:,} texts; at most {items:,} are read.")
        unpack = struct.Struct(cursor.order + "Q").unpack_from
        for _ in range(length):
            start = cursor.take(8)
            cursor.take(unpack(cursor.data, start)[0])
        return int(length)
    code = _SCALARS.get(kind)
    if code is None:
        raise Stop(f"`{cursor.name}`: the list {key[:80]!r} holds type {kind}; numbers and texts are read.")
    width = struct.calcsize("<" + code)
    if length * width > size:
        raise Stop(f"`{cursor.name}`: the list {key[:80]!r} promises {length:,} numbers, more than the file holds.")
    start = cursor.take(length * width)
    if length <= _KEPT_ITEMS:
        metadata[key] = list(struct.unpack_from(f"{cursor.order}{length}{code}", cursor.data, start))
        del metadata[f"{key}#"]
    return 0


def _info(cursor: _Cursor) -> tuple[str, list[int], int, int]:
    name = cursor.text(_LONGEST_NAME)
    dimensions = cursor.scalar("I")
    if dimensions > _MOST_DIMENSIONS:
        raise Stop(
            f"`{cursor.name}`, tensor {name[:80]!r}: {dimensions:,} dimensions; at most {_MOST_DIMENSIONS} exist."
        )
    return name, [cursor.scalar("Q") for _ in range(dimensions)], cursor.scalar("I"), cursor.scalar("Q")


def _checked(infos: list[tuple[str, list[int], int, int]], file: str, room: int) -> list[Tensor]:
    """Tensors with their sizes, which must fit in the file without overlapping."""
    out: list[Tensor] = []
    spans: list[tuple[int, int]] = []
    for name, shape, kind, offset in infos:
        where = f"`{file}`, tensor {name[:80]!r}"
        if kind not in GGML_TYPES:
            raise Stop(f"{where}: type {kind} is none of llama.cpp's that are known here (0 to {max(GGML_TYPES)}).")
        dtype, block, width = GGML_TYPES[kind]
        elements = math.prod(shape)
        if (shape[0] if shape else 1) % block or elements >= 2**63:
            raise Stop(
                f"{where}: rows of {shape[0] if shape else 1:,} elements are no whole blocks of {dtype} ({block})."
            )
        size = elements // block * width
        if offset + size > room:
            raise Stop(
                f"{where}: its data ends {offset + size - room:,} bytes after the end of the file. The file is cut off;"
                " download it again."
            )
        spans.append((offset, offset + size))
        out.append(Tensor(name, dtype, elements, size))
    spans.sort()
    if any(first[1] > second[0] for first, second in pairwise(spans)):
        raise Stop(f"`{file}`: tensors overlap. Download it again.")
    if len({t.name for t in out}) != len(out):
        raise Stop(f"`{file}` lists a tensor twice. Download it again.")
    return out
