"""The small files of a model on the Hugging Face Hub, for ``modelspec catalog add``.

Nothing else of the project touches the network.
"""

from __future__ import annotations

import json
import math
import os
import re
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from attrs import frozen

from modelspec_ls.fit.checkpoint import CheckpointFacts, Tensor, facts_of_sizes, facts_of_tensors
from modelspec_ls.workspace.checkpoint_io import CheckpointLimits

_REFERENCE = re.compile(r"(?:hf|huggingface)://(?P<name>[\w.-]+/[\w.-]+?)(?:@(?P<revision>[\w./-]+))?/?")
_SECONDS = 20.0
_AT_ONCE = 8
_SINGLE, _INDEX = "model.safetensors", "model.safetensors.index.json"
_TRANSPORT = frozenset({"huggingface_hub", "httpx", "httpx2", "httpcore", "httpcore2", "requests", "urllib3"})
_LIMITS = CheckpointLimits()


class HubFault(Exception):
    """Why a repository was not recorded: what was found, and what to do."""


@frozen
class Fetched:
    """What a repository says about its model."""

    name: str
    commit: str
    config: dict[str, Any]
    facts: CheckpointFacts
    license: str | None
    task: str | None


def reference(text: str) -> tuple[str, str | None] | None:
    """Repository and revision of ``hf://org/name@revision``; None for any other text."""
    found = _REFERENCE.fullmatch(text.strip())
    return (found["name"], found["revision"]) if found else None


def fetch(name: str, revision: str | None) -> Fetched:
    """Fetch config.json and the headers of the safetensors files, no weights. The token is the usual environment's.

    Raises:
        HubFault: the library is missing, the hub does not answer or refuses, or the repository holds no such model.
    """
    try:
        from huggingface_hub import HfApi, errors
        from huggingface_hub.utils import disable_progress_bars  # type: ignore[attr-defined]
    except ImportError:
        raise HubFault(
            "Fetching from the Hub needs huggingface_hub: pip install 'modelspec-language-server[hub]'."
        ) from None
    disable_progress_bars()
    endpoint = os.environ.get("HF_ENDPOINT") or None
    api = HfApi(endpoint=endpoint, library_name="modelspec-language-server")
    where = api.endpoint
    try:
        with tempfile.TemporaryDirectory() as folder:
            return _fetch(api, name, revision, folder)
    except errors.GatedRepoError:
        raise HubFault(
            f"{name} is gated: accept its terms at {where}/{name}, then set HF_TOKEN to a token that may read it."
        ) from None
    except errors.RevisionNotFoundError:
        raise HubFault(f"{name} has no revision `{revision}`. Check the branch, tag or commit.") from None
    except errors.RepositoryNotFoundError:
        raise HubFault(
            f"There is no model {name} at {where}, or it is private. Check the name; for a private one set HF_TOKEN."
        ) from None
    except errors.OfflineModeIsEnabled:
        raise HubFault("HF_HUB_OFFLINE is set, so nothing is fetched. Unset it for this command.") from None
    except errors.HfHubHTTPError as error:
        status = error.response.status_code if error.response is not None else 0
        if status in {401, 403}:
            raise HubFault(f"{where} refuses to show {name} ({status}). Set HF_TOKEN to a token that may.") from None
        raise HubFault(f"{where} answered with status {status or 'unknown'}. Try again later.") from None
    except HubFault:
        raise
    except Exception as error:
        # The transport differs between versions of the library, and so do the classes it raises.
        if not isinstance(error, OSError) and type(error).__module__.partition(".")[0] not in _TRANSPORT:
            raise
        detail = str(error).splitlines()[0] if str(error) else ""
        raise HubFault(
            f"{where} could not be reached ({type(error).__name__}{f': {detail}' if detail else ''}). "
            "Check the network, the proxy and HF_ENDPOINT."
        ) from None


def _fetch(api: Any, name: str, revision: str | None, folder: str) -> Fetched:
    info = api.model_info(name, revision=revision, files_metadata=True, timeout=_SECONDS)
    sizes: dict[str, int] = {file.rfilename: file.size or 0 for file in info.siblings or ()}
    commit: str | None = info.sha
    if not commit:
        raise HubFault(f"{name} has no commits yet.")
    if "config.json" not in sizes:
        raise HubFault(_without_config(name, sizes))

    def small(file: str, limit: int) -> dict[str, Any]:
        if sizes.get(file, 0) > limit:
            raise HubFault(f"{file} of {name} has {sizes[file]:,} bytes; at most {limit:,} are read.")
        path = Path(api.hf_hub_download(name, file, revision=commit, local_dir=folder))
        try:
            found = json.loads(path.read_bytes())
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise HubFault(f"{file} of {name} is not a JSON object.")
        return found

    config = small("config.json", _LIMITS.config_bytes)
    if "quantization_config" not in config and "hf_quant_config.json" in sizes:
        config["quantization"] = small("hf_quant_config.json", _LIMITS.config_bytes).get("quantization")
    files = [_SINGLE] if _SINGLE in sizes else []
    if _INDEX in sizes:
        files = sorted({str(file) for file in small(_INDEX, _LIMITS.index_bytes).get("weight_map", {}).values()})
    if files:
        facts = facts_of_tensors(config, _tensors(api, name, commit, files))
    else:
        stored = sum(size for file, size in sizes.items() if re.fullmatch(r"pytorch_model.*\.bin", file))
        if not stored:
            raise HubFault(f"{name} holds neither {_SINGLE} nor its index, nor pytorch_model.bin.")
        facts = facts_of_sizes(config, stored)
    card = info.card_data
    licence = card.get("license") if card is not None else None
    return Fetched(name, commit, config, facts, licence if isinstance(licence, str) else None, info.pipeline_tag)


def _tensors(api: Any, name: str, commit: str, files: list[str]) -> list[Tensor]:
    """What the headers of the files list."""
    if len(files) > _LIMITS.files:
        raise HubFault(f"{name} has {len(files):,} weight files; at most {_LIMITS.files:,} are looked at.")

    def header(file: str) -> list[Tensor]:
        found = api.parse_safetensors_file_metadata(name, file, revision=commit, timeout=_SECONDS)
        return [
            Tensor(key, t.dtype, math.prod(t.shape), t.data_offsets[1] - t.data_offsets[0])
            for key, t in found.tensors.items()
        ]

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return [tensor for found in pool.map(header, files) for tensor in found]


def _without_config(name: str, files: dict[str, int]) -> str:
    if any(file.lower().endswith(".gguf") for file in files):
        return (
            f"{name} holds GGUF files and no config.json; those are not fetched. Download the file you serve and let "
            "`modelUri` of the spec point at it: it is read where it lies."
        )
    return f"{name} has no config.json, so its shape is not known. Is it a model in the format of transformers?"
