"""Reading a model checkpoint on disk for exact sizes: config.json, safetensors headers, GGUF headers.

Nothing is executed, no tensor data is read, no file outside the folder is opened (in a Hugging Face cache, links lead
to the blobs of the same repository), and nothing is raised: the answer is facts or a fault. Environment variables are
the caller's to read.
"""
# ruff: noqa: PTH110, PTH112, PTH116, PTH118, PTH120

from __future__ import annotations

import os
import re
from typing import Any

from attrs import evolve

from modelspec_ls.core.config import Limits
from modelspec_ls.fit.checkpoint import CheckpointFacts, Tensor, facts_of_sizes, facts_of_tensors
from modelspec_ls.fit.checkpoint_gguf import facts_of_gguf

from .checkpoint_gguf import read_gguf
from .checkpoint_io import CheckpointFault, CheckpointLimits, Root, Stop, json_inside, open_inside, root_of, size_inside
from .checkpoint_safetensors import read_header
from .files import FileFault, leads_away, read_text
from .references import parts_of

_PART = re.compile(r"^(.*)-(\d{5})-of-(\d{5})\.(?:safetensors|gguf|bin)$")
_PICKLES = re.compile(r"^(?:pytorch_model|model|consolidated).*\.(?:bin|pt|pth)$")
_INDEX = "model.safetensors.index.json"
_MODEL_ID = re.compile(r"[A-Za-z0-9][\w.-]{0,95}(?:/[A-Za-z0-9][\w.-]{0,95})?")
_REVISION = re.compile(r"[\w.-]{1,120}(?:/[\w.-]{1,120}){0,3}")
_DEFAULT = CheckpointLimits()


def read_checkpoint(path: str, limits: CheckpointLimits = _DEFAULT) -> CheckpointFacts | CheckpointFault:
    """Read the checkpoint at a folder or file (``*.safetensors``, ``*.gguf``, or config.json beside them)."""
    try:
        if os.path.isdir(path):
            return _folder(root_of(path), limits)
        folder, name = os.path.split(path)
        root = root_of(folder or ".")
        if name.lower().endswith(".gguf"):
            return _gguf(root, _parts(root, name), limits)
        if name.lower().endswith(".safetensors"):
            return _safetensors(root, _parts(root, name), _config(root, limits), limits)
        if name == "config.json":
            return _folder(root, limits)
        size_inside(root, name)
        return CheckpointFault(f"`{name}` is no checkpoint: a folder, a .safetensors or a .gguf file is expected.")
    except Stop as stop:
        return CheckpointFault(stop.message)
    except (OSError, ValueError) as error:
        return CheckpointFault(f"The checkpoint cannot be read: {getattr(error, 'strerror', None) or 'bad path'}.")
    except MemoryError:
        return CheckpointFault(
            "The checkpoint's headers take more memory than there is. Check that its files are sound."
        )


def read_config(path: str, limits: CheckpointLimits = _DEFAULT) -> dict[str, Any]:
    """The config.json of a checkpoint that ``read_checkpoint`` has read; empty where there is none to read."""
    try:
        return _config(root_of(path if os.path.isdir(path) else os.path.dirname(path) or "."), limits)
    except (Stop, OSError, ValueError):
        return {}


def path_of_uri(uri: str, base: str) -> str | None:
    """The local path that a ``file://`` or relative ``modelUri`` names, else None. ``base``: the spec's folder."""
    text = uri.strip()
    if not text or "\0" in text:
        return None
    if text[:7].lower() == "file://":
        host, path = parts_of(text)
        if host or "?" in text or "#" in text or "\0" in path or leads_away(path, base):
            return None
        path = path[1:] if re.match(r"/[A-Za-z]:/", path) else path
        return path if path.startswith("/") or re.match(r"[A-Za-z]:/", path) else None
    if leads_away(text, base):
        return None
    if text.startswith("/"):
        return text
    if text.startswith(("./", "../")) or text in {".", ".."}:
        return os.path.normpath(os.path.join(base, text))
    # `org/name` is a name on a hub unless the folder exists.
    found = os.path.join(base, text)
    return os.path.normpath(found) if "://" not in text and os.path.exists(found) else None


def snapshot_in_cache(cache: str, model: str, revision: str | None = None) -> str | None:
    """The folder of a model in a Hugging Face cache (``…/huggingface/hub``); None where it was not downloaded.

    ``revision``: a branch, tag or commit; ``main`` where None.
    """
    wanted = revision or "main"
    if not _MODEL_ID.fullmatch(model) or not _REVISION.fullmatch(wanted) or ".." in wanted.split("/"):
        return None
    repository = os.path.join(cache, "models--" + model.replace("/", "--"))
    if not os.path.isdir(repository):
        return None
    try:
        text = read_text(os.path.join(repository, "refs", *wanted.split("/")), Limits(max_file_bytes=256))
        commit = wanted if isinstance(text, FileFault) else text.text.strip()
        if not re.fullmatch(r"[\w.-]{1,120}", commit) or commit in {".", ".."}:
            return None
        folder = os.path.join(repository, "snapshots", commit)
        return folder if os.path.isdir(folder) else None
    except (OSError, ValueError):
        return None


def stamp_of(path: str, limits: CheckpointLimits = _DEFAULT) -> tuple[tuple[str, int, int], ...]:
    """Name, size and time of the files a reading rests on: the same stamp, the same facts. Empty: nothing there."""
    try:
        folder = path if os.path.isdir(path) else os.path.dirname(path) or "."
        out = []
        for name in _names(root_of(folder), limits):
            status = os.stat(os.path.join(folder, name))
            out.append((name, status.st_size, status.st_mtime_ns))
        return tuple(out)
    except (OSError, ValueError, Stop):
        return ()


def _names(root: Root, limits: CheckpointLimits) -> list[str]:
    """The files of the folder that may be part of a checkpoint."""
    out: list[str] = []
    with os.scandir(root.path) as listing:
        for n, entry in enumerate(listing):
            if n >= limits.entries:
                raise Stop(f"The folder has more than {limits.entries:,} entries. Name the checkpoint's own folder.")
            if entry.name.lower().endswith((".safetensors", ".gguf", ".bin", ".pt", ".pth", ".json")):
                out.append(entry.name)
    return sorted(name for name in out if root.exists(name))


def _folder(root: Root, limits: CheckpointLimits) -> CheckpointFacts | CheckpointFault:
    names = _names(root, limits)
    tensors = [n for n in names if n.endswith(".safetensors") and not n.startswith(("adapter_", "optimizer"))]
    ggufs = [n for n in names if n.lower().endswith(".gguf") and not n.lower().startswith("mmproj")]
    config = _config(root, limits)
    if _INDEX in names:
        return _indexed(root, config, limits)
    if "model.safetensors" in tensors:
        return _safetensors(root, ["model.safetensors"], config, limits)
    if tensors:
        own = [n for n in tensors if not n.startswith("consolidated")] or tensors
        return _safetensors(root, _all_parts(root, own), config, limits)
    if ggufs:
        models = sorted({_PART.sub(r"\1", name) for name in ggufs})
        if len(models) > 1:
            shown = ", ".join(f"`{m}`" for m in models[:5])
            return CheckpointFault(f"The folder holds {len(models)} GGUF models: {shown}. Name one file in modelUri.")
        return _gguf(root, _parts(root, ggufs[0]), limits)
    pickles = [n for n in names if _PICKLES.match(n)]
    if pickles:
        chosen = [n for n in pickles if n.startswith("pytorch_model")] or pickles
        size = sum(size_inside(root, n) for n in chosen[: limits.files])
        return evolve(facts_of_sizes(config, size), files=tuple(chosen[: limits.files]))
    what = "config.json and no weights" if config else "neither config.json nor weights"
    return CheckpointFault(f"The folder holds {what} (*.safetensors, *.gguf, *.bin). Download the weights into it.")


def _config(root: Root, limits: CheckpointLimits) -> dict[str, Any]:
    config = json_inside(root, "config.json", limits.config_bytes) if root.lists("config.json") else {}
    if "quantization_config" not in config and root.lists("hf_quant_config.json"):
        config |= {"quantization": json_inside(root, "hf_quant_config.json", limits.config_bytes).get("quantization")}
    return config


def _indexed(root: Root, config: dict[str, Any], limits: CheckpointLimits) -> CheckpointFacts:
    mapping = json_inside(root, _INDEX, limits.index_bytes, limits.tensors).get("weight_map")
    if not isinstance(mapping, dict) or not mapping or not all(isinstance(file, str) for file in mapping.values()):
        raise Stop(f"`{_INDEX}` has no weight_map of tensor names to files. Download it again.")
    files = sorted(set(mapping.values()))
    _few(files, limits)
    missing = [name for name in files if not root.exists(name)]
    if missing:
        raise Stop(
            f"{len(missing)} of {len(files)} files are missing, the first is `{missing[0]}`. Finish the download."
        )
    facts = _safetensors(root, files, config, limits)
    if facts.tensors != len(mapping):
        note = f"The index lists {len(mapping):,} tensors, the files hold {facts.tensors:,}; the files are believed."
        facts = evolve(facts, notes=(*facts.notes, note))
    return evolve(facts, files=(_INDEX, *facts.files))


def _few(files: list[str], limits: CheckpointLimits) -> None:
    if len(files) > limits.files:
        raise Stop(f"The checkpoint has {len(files):,} files; at most {limits.files:,} are read.")


def _safetensors(root: Root, files: list[str], config: dict[str, Any], limits: CheckpointLimits) -> CheckpointFacts:
    _few(files, limits)
    tensors: list[Tensor] = []
    room = limits.total_header_bytes
    for name in files:
        found, used = read_header(root, name, limits, room)
        room -= used
        tensors += found
        if len(tensors) > limits.tensors:
            raise Stop(f"The checkpoint has more than {limits.tensors:,} tensors; no more are read.")
    if len({t.name for t in tensors}) != len(tensors):
        raise Stop("Two files hold a tensor of the same name, so they are different models. Name one file in modelUri.")
    return evolve(facts_of_tensors(config, tensors), files=tuple(files))


def _gguf(root: Root, files: list[str], limits: CheckpointLimits) -> CheckpointFacts:
    tensors: list[Tensor] = []
    metadata: dict[str, Any] = {}
    room = limits.total_header_bytes
    for n, name in enumerate(files):
        found = read_gguf(root, name, limits, room)
        room -= found.header_bytes
        metadata = metadata if n else found.metadata
        tensors += found.tensors
        if len(tensors) > limits.tensors:
            raise Stop(f"The checkpoint has more than {limits.tensors:,} tensors; no more are read.")
    split = metadata.get("split.count")
    if isinstance(split, int) and split > 1 and split != len(files):
        raise Stop(f"`{files[0]}` is one of {split:,} parts and {len(files)} are here. Finish the download.")
    return evolve(facts_of_gguf(metadata, tensors), files=tuple(files))


def _parts(root: Root, name: str) -> list[str]:
    """All parts of a split file; the file itself where it is whole."""
    found = _PART.match(name)
    if found is None:
        open_inside(root, name)[0].close()
        return [name]
    total = int(found.group(3))
    if not 1 <= total <= _DEFAULT.files:
        raise Stop(f"`{name}` says that it is one of {total:,} parts; at most {_DEFAULT.files:,} are read.")
    ending = name[name.rindex(".") :]
    names = [f"{found.group(1)}-{n:05}-of-{found.group(3)}{ending}" for n in range(1, total + 1)]
    missing = [n for n in names if not root.exists(n)]
    if missing:
        raise Stop(f"{len(missing)} of {total} files are missing, the first is `{missing[0]}`. Finish the download.")
    return names


def _all_parts(root: Root, names: list[str]) -> list[str]:
    return sorted({part for name in names for part in _parts(root, name)})
