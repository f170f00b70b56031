"""Annotations that hold what one kind says and the other has no field for, so that converting back restores it.

Their prefix is the domain of the format that the value belongs to.
"""

from __future__ import annotations

import json
import re
from typing import Any

from modelspec_ls.core.path import DocPath

LLMAZ = "llmaz.io/"
MODELSPEC = "piqc.ai/"

ALLOW = f"{LLMAZ}allow-patterns"
IGNORE = f"{LLMAZ}ignore-patterns"
FLAVORS = f"{LLMAZ}flavors"
CREATED = f"{LLMAZ}created-at"
TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})")
"""What llmaz takes for ``createdAt``."""
OF_OPENMODEL = (ALLOW, IGNORE, FLAVORS, CREATED)

VERSION = f"{MODELSPEC}version"
DESCRIPTION = f"{MODELSPEC}description"
MODEL_ID = f"{MODELSPEC}model-id"
TASK = f"{MODELSPEC}task"
FRAMEWORK = f"{MODELSPEC}framework"
PRECISION = f"{MODELSPEC}precision"
TOKENIZER = f"{MODELSPEC}tokenizer-uri"
_MODEL: DocPath = ("spec", "identity", "model")
OF_MODELSPEC: dict[str, DocPath] = {
    VERSION: ("metadata", "version"),
    DESCRIPTION: ("metadata", "description"),
    MODEL_ID: (*_MODEL, "id"),
    TASK: (*_MODEL, "task"),
    FRAMEWORK: (*_MODEL, "framework"),
    PRECISION: (*_MODEL, "precision"),
    TOKENIZER: (*_MODEL, "artifacts", "tokenizerUri"),
}
"""Fields of a ModelSpec that describe the model and not how it runs, by the annotation that keeps them."""


def written(value: Any) -> str:
    """A value as the text of an annotation."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def read_list(text: str | None) -> list[Any] | None:
    """The list in an annotation; None where it holds none."""
    try:
        value = json.loads(text) if text else None
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, list) and value else None
