"""Settings, the same for editor, command line and ``modelspec.toml``. A wrong value counts as not set."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from attrs import evolve, field, fields_dict, frozen

from .finding import Severity
from .path import DocPath
from .words import near


@frozen
class Limits:
    """Bounds on work and memory, so that no input can stall the tool."""

    max_file_bytes: int = 4 * 1024 * 1024
    """Largest file that is read, in bytes."""
    max_depth: int = 100
    """Deepest nesting of collections that is read."""
    max_alias_nodes: int = 100_000
    """Most nodes a document may have once its aliases are written out."""
    max_nodes: int = 400_000
    """Most values and keys of a document without aliases."""
    max_findings_per_file: int = 1_000
    """Most findings shown for one file; the rest is counted in one line."""


@frozen
class EngineDefaults:
    """What holds for an engine where a spec says nothing. None: the engine's own default."""

    version: str | None = None
    gpu_memory_utilization: float | None = None
    """Share of each accelerator's memory, above 0 and at most 1."""
    kv_cache_dtype: str | None = None


@frozen
class Override:
    """Settings for some files. ``paths``: patterns as in .gitignore, from the folder of the settings file."""

    paths: tuple[str, ...]
    settings: Settings


@frozen
class Settings:
    """What one source says. None and empty: nothing is said."""

    select: tuple[str, ...] | None = None
    ignore: tuple[str, ...] | None = None
    severity: Mapping[str, Severity] | None = None
    environments: Mapping[str, str] = field(factory=dict)
    """The environment by the word that labels use for it."""
    prices: Mapping[str, float] = field(factory=dict)
    """USD per device and hour, by any name of the accelerator."""
    engines: Mapping[str, EngineDefaults] = field(factory=dict)
    catalogue: tuple[str, ...] = ()
    """Folders whose ``.modelspec`` holds further models and accelerators."""
    policies: tuple[str, ...] = ()
    """Policy files, or folders of them, that hold beside those of the folders."""
    limits: Mapping[str, int] = field(factory=dict)
    extends: tuple[str, ...] = ()
    overrides: tuple[Override, ...] = ()


@frozen
class Config:
    """What is in force."""

    select: tuple[str, ...] = ()
    """Rules to run, by code, name, group or code prefix; empty means all."""
    ignore: tuple[str, ...] = ()
    """Rules to leave out, by code, name, group or code prefix."""
    severity: Mapping[str, Severity] = field(factory=dict)
    """Severity by code, name or group; the most specific entry wins."""
    environments: Mapping[str, str] = field(factory=dict)
    prices: Mapping[str, float] = field(factory=dict)
    engines: Mapping[str, EngineDefaults] = field(factory=dict)
    catalogue: tuple[str, ...] = ()
    policies: tuple[str, ...] = ()
    """Absolute, the weakest first."""
    limits: Limits = field(factory=Limits)
    asked: Settings | None = None
    """What the user asks for right now, on the command line: no file may overrule it."""

    def under(self, settings: Settings) -> Config:
        """This config with a nearer source over it: ``select`` replaces, ``ignore`` adds up, tables go key by key."""
        return evolve(
            self,
            select=self.select if settings.select is None else settings.select,
            ignore=tuple(dict.fromkeys((*self.ignore, *(settings.ignore or ())))),
            severity={**self.severity, **(settings.severity or {})},
            environments={**self.environments, **settings.environments},
            prices={**self.prices, **settings.prices},
            engines={**self.engines, **settings.engines},
            catalogue=tuple(dict.fromkeys((*settings.catalogue, *self.catalogue))),
            policies=tuple(dict.fromkeys((*self.policies, *settings.policies))),
            limits=evolve(self.limits, **settings.limits),
        )

    def final(self) -> Config:
        """This config with what the user asks for over it."""
        return self if self.asked is None else self.under(self.asked)


@frozen
class SettingProblem:
    """A mistake in settings. ``path`` leads to the key or value. ``guess``: what an unknown key was meant to be."""

    path: DocPath
    message: str
    on_key: bool = False
    guess: str | None = None


ENVIRONMENTS = {"production": "prod", "staging": "staging", "test": "test", "development": "dev"}
"""What the table ``environments`` may be about, and how rules call it."""
LIMITS = {
    "maxFindingsPerFile": ("max_findings_per_file", 1, 100_000),
    "maxNodes": ("max_nodes", 1_000, 10_000_000),
    "maxAliasNodes": ("max_alias_nodes", 1_000, 10_000_000),
}
"""The limits that may be set: their field, the least and the most."""
KV_CACHE_TYPES = ("auto", "bf16", "fp16", "fp8", "fp8_e4m3", "fp8_e5m2", "int8", "int4", "nvfp4")
KEYS = ("select", "ignore", "severity", "environments", "prices", "engines", "catalogue", "policies", "limits")
FILE_KEYS = (*KEYS, "extends", "overrides")
OVERRIDE_KEYS = ("paths", "select", "ignore", "severity", "environments", "engines")
_ENGINE_KEYS = ("version", "gpuMemoryUtilization", "kvCacheDtype")
# Settings of editor clients that arrive in the same section and are not ours to judge.
_CLIENT_KEYS = frozenset(
    {
        "trace",
        "editor",
        "enable",
        "enabled",
        "server",
        "path",
        "command",
        "args",
        "interpreter",
        "importStrategy",
        "logLevel",
    }
)


def config_from(values: object, base: Config | None = None) -> tuple[Config, list[str]]:
    """Read an editor's settings from a plain mapping; returns the config and one message per mistake."""
    config = base or Config()
    if values is None:
        return config, []
    if not isinstance(values, Mapping):
        return config, [f"Settings must be a table of keys, got {type(values).__name__}."]
    ours = {key: value for key, value in values.items() if key not in _CLIENT_KEYS and value is not None}
    settings, problems = read_settings(ours)
    changed = {
        name: value for name in ("select", "ignore", "severity") if (value := getattr(settings, name)) is not None
    }
    return evolve(config.under(evolve(settings, ignore=None)), **changed), [problem.message for problem in problems]


def read_settings(
    values: Mapping[Any, Any], keys: tuple[str, ...] = KEYS
) -> tuple[Settings, tuple[SettingProblem, ...]]:
    """Read settings from a plain mapping, with all mistakes by place. ``keys``: what may be said here."""
    reader = _Reader()
    return reader.settings(values, (), keys), tuple(reader.problems)


class _Reader:
    """Reads what is right and notes what is not."""

    def __init__(self) -> None:
        self.problems: list[SettingProblem] = []

    def wrong(self, path: DocPath, expected: str, value: object) -> None:
        """Note a value that is not what it should be."""
        shown = value if isinstance(value, (bool, int, float, str)) else _kind(value)
        got = repr(shown) if isinstance(value, str) else str(shown).lower() if isinstance(value, bool) else shown
        self.problems.append(SettingProblem(path, f"`{_dotted(path)}` must be {expected}, got {got}."))

    def unknown(self, path: DocPath, known: tuple[str, ...], noun: str = "setting") -> None:
        """Note a key that means nothing."""
        name = str(path[-1])
        guess = near(name, known)
        hint = f"; did you mean `{guess}`?" if guess else f"; there are {', '.join(f'`{k}`' for k in known)}."
        self.problems.append(SettingProblem(path, f"Unknown {noun} `{_dotted(path)}`{hint}", on_key=True, guess=guess))

    def settings(self, values: Mapping[Any, Any], path: DocPath, keys: tuple[str, ...]) -> Settings:
        """Everything that a table says."""
        readers: Mapping[str, Callable[[DocPath, Any], Any]] = {
            "select": self.words, "ignore": self.words, "extends": self.words, "catalogue": self.words,
            "policies": self.words,
            "severity": self.severities, "environments": self.environments, "prices": self.prices,
            "engines": self.engines, "limits": self.limits, "overrides": self.overrides,
        }  # fmt: skip
        found: dict[str, Any] = {}
        off: list[str] = []
        for key, value in values.items():
            here = (*path, str(key))
            if key == "paths" and "paths" in keys:
                continue
            if key not in keys:
                self.unknown(here, keys)
                continue
            result = readers[key](here, value)
            if key == "severity" and result is not None:
                off = [name for name, level in result.items() if level is None]
                result = {name: level for name, level in result.items() if level is not None}
            if result is not None:
                found[str(key)] = result
        if off:
            found["ignore"] = (*(found.get("ignore") or ()), *off)
        return Settings(**found)

    def words(self, path: DocPath, value: Any) -> tuple[str, ...] | None:
        """A list of words; one text is a list with commas."""
        words = value.split(",") if isinstance(value, str) else value
        if not isinstance(words, (list, tuple)):
            self.wrong(path, "a list of texts", value)
            return None
        out: list[str] = []
        for index, word in enumerate(words):
            if not isinstance(word, str):
                self.wrong((*path, index), "a text", word)
            elif word.strip():
                out.append(word.strip())
        return tuple(out)

    def table(self, path: DocPath, value: Any, of: str) -> Mapping[str, Any]:
        """A table with texts as keys."""
        if not isinstance(value, Mapping):
            self.wrong(path, f"a table of {of}", value)
            return {}
        return {str(key): item for key, item in value.items()}

    def severities(self, path: DocPath, value: Any) -> dict[str, Severity | None]:
        """Severities by rule; None for one that is turned off."""
        out: dict[str, Severity | None] = {}
        for rule, word in self.table(path, value, "rules and severities").items():
            if isinstance(word, str) and word.lower() == "off":
                out[rule] = None
                continue
            try:
                out[rule] = Severity.parse(str(word))
            except KeyError:
                self.wrong((*path, rule), "error, warning, information, hint or off", word)
        return out

    def environments(self, path: DocPath, value: Any) -> dict[str, str]:
        """Environments by the word for them."""
        out: dict[str, str] = {}
        for name, words in self.table(path, value, "environments and the words for them").items():
            if name not in ENVIRONMENTS:
                self.unknown((*path, name), tuple(ENVIRONMENTS), "environment")
                continue
            for word in self.words((*path, name), words) or ():
                out[word.casefold()] = ENVIRONMENTS[name]
        return out

    def prices(self, path: DocPath, value: Any) -> dict[str, float]:
        """Prices by accelerator."""
        out: dict[str, float] = {}
        for name, price in self.table(path, value, "accelerators and USD per device and hour").items():
            if self.number((*path, name), price, "a number above 0, in USD per device and hour", 0, None):
                out[name] = float(price)
        return out

    def engines(self, path: DocPath, value: Any) -> dict[str, EngineDefaults]:
        """Defaults by engine."""
        out: dict[str, EngineDefaults] = {}
        for name, entries in self.table(path, value, "engines and their defaults").items():
            said: dict[str, Any] = {}
            for key, item in self.table((*path, name), entries, "defaults").items():
                here = (*path, name, key)
                if key == "version":
                    if isinstance(item, str) and item[:1].isdigit():
                        said["version"] = item
                    else:
                        self.wrong(here, 'a version in quotes, such as "0.11.0"', item)
                elif key == "gpuMemoryUtilization":
                    if self.number(here, item, "a number above 0 and at most 1", 0, 1):
                        said["gpu_memory_utilization"] = float(item)
                elif key == "kvCacheDtype":
                    if item in KV_CACHE_TYPES:
                        said["kv_cache_dtype"] = item
                    else:
                        self.wrong(here, f"one of {', '.join(KV_CACHE_TYPES)}", item)
                else:
                    self.unknown(here, _ENGINE_KEYS)
            out[name.casefold()] = EngineDefaults(**said)
        return out

    def number(self, path: DocPath, value: Any, expected: str, above: float, most: float | None) -> bool:
        """Whether a value is a number in a range."""
        right = isinstance(value, (int, float)) and not isinstance(value, bool)
        if right and above < value < float("inf") and (most is None or value <= most):
            return True
        self.wrong(path, expected, value)
        return False

    def limits(self, path: DocPath, value: Any) -> dict[str, int]:
        """Limits by their field."""
        out: dict[str, int] = {}
        for name, number in self.table(path, value, "limits").items():
            if name not in LIMITS:
                self.unknown((*path, name), tuple(LIMITS))
                continue
            key, least, most = LIMITS[name]
            if isinstance(number, int) and not isinstance(number, bool) and least <= number <= most:
                out[key] = number
            else:
                self.wrong((*path, name), f"a whole number from {least:,} to {most:,}", number)
        return out

    def overrides(self, path: DocPath, value: Any) -> tuple[Override, ...]:
        """Settings for some files, in order."""
        out: list[Override] = []
        if not isinstance(value, (list, tuple)):
            self.wrong(path, "a list of tables: write `[[overrides]]`", value)
            return ()
        for index, entry in enumerate(value):
            here = (*path, index)
            table = self.table(here, entry, "settings")
            paths = self.words((*here, "paths"), table["paths"]) if "paths" in table else None
            if paths is None and "paths" not in table and isinstance(entry, Mapping):
                self.problems.append(SettingProblem(here, f"`{_dotted(here)}` needs `paths`: the files it is about."))
            found = self.settings(table, here, OVERRIDE_KEYS)
            if paths:
                out.append(Override(paths, found))
        return tuple(out)


assert set(FILE_KEYS) == set(fields_dict(Settings))


def _dotted(path: DocPath) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).lstrip(".")


def _kind(value: object) -> str:
    if isinstance(value, Mapping):
        return "a table"
    if isinstance(value, (list, tuple)):
        return "a list"
    return "nothing" if value is None else f"a {type(value).__name__}"
