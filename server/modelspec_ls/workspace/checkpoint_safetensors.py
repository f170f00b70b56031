"""Headers of safetensors files. The tensors' data is never read.

Format: 8 bytes little-endian header length, a JSON object name -> {dtype, shape, data_offsets}, then the data without
gaps (safetensors README, "Format").
"""

from __future__ import annotations

import math
from typing import Any, TypeGuard

from modelspec_ls.fit.checkpoint import Tensor

from .checkpoint_io import MIB, CheckpointLimits, Root, Stop, open_inside, parse

HARD_HEADER_LIMIT = 64 * MIB
BITS = {
    "BOOL": 8,
    "U8": 8,
    "I8": 8,
    "F8_E4M3": 8,
    "F8_E5M2": 8,
    "F8_E8M0": 8,
    "F8_E4M3FNUZ": 8,
    "F8_E5M2FNUZ": 8,
    "U16": 16,
    "I16": 16,
    "F16": 16,
    "BF16": 16,
    "U32": 32,
    "I32": 32,
    "F32": 32,
    "U64": 64,
    "I64": 64,
    "F64": 64,
    "C64": 64,
    "F4": 4,
    "F6_E2M3": 6,
    "F6_E3M2": 6,
}
"""Bits of one element of each type."""


def read_header(root: Root, name: str, limits: CheckpointLimits, room: int) -> tuple[list[Tensor], int]:
    """The tensors of one file and the bytes of its header. ``room``: bytes of headers that may still be read."""
    file, size = open_inside(root, name)
    with file:
        try:
            length = int.from_bytes(file.read(8), "little") if size >= 8 else 0
            if size < 10 or length < 2:
                raise Stop(f"`{name}` has {size} bytes: no safetensors header. Download it again.")
            if length > size - 8:
                raise Stop(
                    f"`{name}` promises a header of {length:,} bytes and has {size - 8:,}: cut off, or no safetensors"
                    " file. Download it again."
                )
            allowed = min(limits.header_bytes, HARD_HEADER_LIMIT, room)
            if length > allowed:
                raise Stop(f"`{name}` has a header of {length / MIB:.1f} MiB; at most {allowed / MIB:.1f} MiB is read.")
            data = file.read(length)
        except OSError as error:
            raise Stop(f"`{name}` cannot be read: {error.strerror or error}.") from None
    if len(data) != length:
        raise Stop(f"`{name}` ended after {len(data)} of {length} header bytes. Download it again.")
    # Counted before parsing, so that a header of millions of tiny objects takes no memory.
    if data.count(b"{") > limits.tensors + 10_000 or data.count(b"[") > 2 * limits.tensors + 10_000:
        raise Stop(f"`{name}` lists more than {limits.tensors:,} tensors; no more are read.")
    if max(data.count(b":") / 5, data.count(b",") / 20) > data.count(b"{") + 20_000:
        raise Stop(f"`{name}` has a header that is no list of tensors. Download it again.")
    header = parse(data, name, strict=True)
    header.pop("__metadata__", None)
    return _tensors(header, name, size - 8 - length), length


def _tensors(header: dict[str, Any], file: str, room: int) -> list[Tensor]:
    found: list[tuple[int, int]] = []
    out: list[Tensor] = []
    for name, entry in header.items():
        where = f"`{file}`, tensor {name[:80]!r}"
        if not isinstance(entry, dict):
            raise Stop(f"{where}: an object with dtype, shape and data_offsets is expected. Download the file again.")
        dtype, shape, offsets = entry.get("dtype"), entry.get("shape"), entry.get("data_offsets")
        if not isinstance(dtype, str) or dtype not in BITS:
            raise Stop(f"{where}: dtype {str(dtype)[:40]!r} is none of {', '.join(sorted(BITS))}.")
        if not _numbers(shape) or len(shape) > 64:
            raise Stop(f"{where}: shape must be a list of whole numbers. Download the file again.")
        if not _numbers(offsets) or len(offsets) != 2:
            raise Stop(f"{where}: data_offsets must be two whole numbers. Download the file again.")
        begin, end = offsets
        elements = math.prod(shape)
        if not begin <= end <= room or (end - begin) * 8 != elements * BITS[dtype]:
            raise Stop(
                f"{where}: bytes {begin:,} to {end:,} do not hold {elements:,} elements of {dtype} within the"
                f" {room:,} bytes of data. The file is cut off or damaged; download it again."
            )
        found.append((begin, end))
        out.append(Tensor(name, dtype, elements, end - begin))
    at = 0
    for begin, end in sorted(found):
        if begin != at:
            raise Stop(f"`{file}`: tensors overlap or leave a gap at byte {min(begin, at):,}. Download it again.")
        at = end
    if at != room:
        raise Stop(f"`{file}` has {room:,} bytes of data where its header lists {at:,}. Download it again.")
    return out


def _numbers(value: Any) -> TypeGuard[list[int]]:
    return isinstance(value, list) and all(type(n) is int and 0 <= n < 2**63 for n in value)
