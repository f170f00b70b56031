"""Names and labels that Kubernetes accepts, what is wrong with others, and the nearest ones that it accepts.

Source: Kubernetes documentation, "Object Names and IDs" and "Labels and Selectors".
"""

from __future__ import annotations

import re
import unicodedata

from .conventions import threshold

_NAME = re.compile(r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?")
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_LABEL = re.compile(r"[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?")
_DOMAIN = re.compile(r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*")
RESERVED = ("kubernetes.io", "k8s.io")


def name_fault(name: str) -> str | None:
    """Why a name is no DNS-1123 label, in a few words; None where it is one."""
    if len(name) > _longest():
        return f"{len(name)} characters, at most {_longest()}"
    if _NAME.fullmatch(name):
        return None
    if name != name.lower() and _NAME.fullmatch(name.lower()):
        return "upper case"
    odd = next((c for c in name.lower() if not re.match(r"[-a-z0-9]", c)), None)
    if odd is not None:
        return "a space" if odd.isspace() else f"the character `{odd}`"
    return "a hyphen at the start or end"


def label_fault(value: str) -> str | None:
    """Why a text is no label value, in a few words; None where it is one."""
    if len(value) > _longest():
        return f"{len(value)} characters, at most {_longest()}"
    if not value or _LABEL.fullmatch(value):
        return None
    odd = next((c for c in value if not re.match(r"[-A-Za-z0-9_.]", c)), None)
    if odd is not None:
        return "a space" if odd.isspace() else f"the character `{odd}`"
    return "it must start and end with a letter or digit"


def key_fault(key: str) -> str | None:
    """Why a text is no key of a label or annotation, in a few words; None where it is one."""
    prefix, slash, name = key.rpartition("/")
    if slash and not prefix:
        return "nothing before the slash"
    if prefix and (len(prefix) > threshold("prefixLength") or not _DOMAIN.fullmatch(prefix)):
        return f"`{prefix}` before the slash is no domain"
    return "no name after the slash" if not name else label_fault(name)


def reserved(key: str) -> bool:
    """Whether a key's prefix belongs to Kubernetes itself."""
    prefix = key.rpartition("/")[0]
    return any(prefix == domain or prefix.endswith(f".{domain}") for domain in RESERVED)


def name_slug(text: str) -> str:
    """The nearest name; empty where nothing of the text can stay."""
    if len(text) <= _longest() and _SLUG.fullmatch(text):
        return text
    return re.sub(r"[^a-z0-9]+", "-", _plain(text).lower()).strip("-")[: _longest()].strip("-")


def label_slug(text: str) -> str:
    """The nearest label value; empty where nothing of the text can stay."""
    kept = re.sub(r"[^A-Za-z0-9_.]+", "-", _plain(text))
    return kept.strip("-_.")[: _longest()].strip("-_.")


def key_slug(key: str) -> str:
    """The nearest key; empty where nothing of the text can stay."""
    prefix, _, name = key.rpartition("/")
    domain = ".".join(part for part in (name_slug(p) for p in prefix.split(".")) if part)
    slug = label_slug(name)
    return f"{domain}/{slug}" if domain and slug else slug


def service_variables(name: str) -> tuple[str, ...]:
    """The variables that Kubernetes sets in pods for a Service of this name; addresses, as ``tcp://10.0.0.1:80``."""
    prefix = name.upper().replace("-", "_")
    return f"{prefix}_PORT", f"{prefix}_SERVICE_HOST", f"{prefix}_SERVICE_PORT"


def _plain(text: str) -> str:
    """Without accents."""
    if text.isascii():
        return text
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


def _longest() -> int:
    return int(threshold("labelLength"))
