"""Settings of a folder: ``modelspec.toml``, or ``[tool.modelspec]`` in ``pyproject.toml``, with what they extend."""
# Strings as everywhere in this package: absolute paths with forward slashes.
# ruff: noqa: PTH110, PTH111, PTH112, PTH113

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any

from attrs import evolve, field, frozen

from modelspec_ls.core.config import FILE_KEYS, Config, Limits, Override, SettingProblem, Settings, read_settings
from modelspec_ls.core.finding import Severity
from modelspec_ls.core.path import DocPath
from modelspec_ls.syntax.toml import Toml, parse_toml

from .files import FileFault, FileText, leads_away, read_text
from .ignores import is_tame
from .kinds import FOLDER, PROJECT_FILE, SETTINGS_FILE

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

_SECTION: DocPath = ("tool", "modelspec")
_MOST_EXTENDED = 16
# A cheap look at a project file before it is parsed: does it hold the table, or could it?
_OURS = re.compile(r"""^[ \t]*\[[ \t]*["']?tool["']?[ \t]*(?:\.[ \t]*["']?modelspec\b|\][^\n]*$)""", re.MULTILINE)


@frozen(eq=False)
class SettingsFile:
    """One file with settings. ``problems``: what is wrong in it, by place; paths lead from the file's top."""

    path: str
    settings: Settings = field(factory=Settings)
    problems: tuple[SettingProblem, ...] = ()
    toml: Toml = field(factory=lambda: Toml({}, {}, {}), repr=False)
    section: DocPath = ()
    """Where in the file our settings stand."""
    bases: tuple[SettingsFile, ...] = ()
    """What it extends, the weakest first."""

    @property
    def folder(self) -> str:
        """Where its paths start."""
        return posixpath.dirname(self.path)

    @cached_property
    def _patterns(self) -> tuple[tuple[GitIgnoreSpec, Override], ...]:
        from pathspec import GitIgnoreSpec  # noqa: PLC0415  (only where there are overrides)

        return tuple((GitIgnoreSpec.from_lines(filter(is_tame, o.paths)), o) for o in self.settings.overrides)

    def overriding(self, path: str) -> tuple[Override, ...]:
        """The overrides that are about a file, those of extended files first."""
        inherited = tuple(o for base in self.bases for o in base.overriding(path))
        top = self.folder.rstrip("/") + "/"
        if not self.settings.overrides or not path.startswith(top):
            return inherited
        return (*inherited, *(o for spec, o in self._patterns if spec.match_file(path[len(top) :])))

    def over(self, config: Config) -> Config:
        """A config with these settings over it, without overrides."""
        for base in self.bases:
            config = base.over(config)
        return config.under(self.settings)


_ANOTHER = (
    f"This link leads to a file of another name; not read, and no setting is in force. Let it be `{SETTINGS_FILE}`."
)


def settings_in(folder: str, limits: Limits) -> SettingsFile | None:
    """The settings that a folder has: ``modelspec.toml`` before ``pyproject.toml``."""
    for name in (SETTINGS_FILE, PROJECT_FILE):
        path = f"{folder.rstrip('/')}/{name}"
        if os.path.isfile(path):
            found = read_file(path, limits)
            if found is not None:
                return found
    return None


def read_file(path: str, limits: Limits) -> SettingsFile | None:
    """The settings in a file on disk; None for a ``pyproject.toml`` without ours."""
    content = read_settings_file(path, limits)
    if isinstance(content, FileFault):
        return None if path.endswith(PROJECT_FILE) else SettingsFile(path)
    return settings_of(path, content.text, limits)


def settings_text(path: str, limits: Limits) -> str | None:
    """The text of a settings file on disk; None where it cannot be read."""
    content = read_settings_file(path, limits)
    return None if isinstance(content, FileFault) else content.text


def read_settings_file(path: str, limits: Limits) -> FileText | FileFault:
    """A settings file on disk. A link makes none of another file: a message about that could show what it says."""
    if not os.path.realpath(path).lower().endswith((SETTINGS_FILE, PROJECT_FILE)):
        return FileFault(_ANOTHER, Severity.WARNING)
    return read_text(path, limits)


def settings_of(path: str, text: str, limits: Limits, above: tuple[str, ...] = ()) -> SettingsFile | None:
    """The settings in a text. ``above``: the files on the way here, each extending the next."""
    section: DocPath = _SECTION if path.endswith(PROJECT_FILE) else ()
    if section and not _OURS.search(text):
        return None
    toml = parse_toml(text)
    if toml.fault is not None:
        broken = SettingsFile(path, toml=toml, section=section)
        # Somebody else's broken file is not ours to judge.
        return broken if not section or "[tool.modelspec" in text else None
    values: Any = toml.values
    for name in section:
        values = values.get(name) if isinstance(values, dict) else None
    if values is None:
        return None
    if not isinstance(values, dict):
        wrong = SettingProblem(section, "`tool.modelspec` must be a table.")
        return SettingsFile(path, problems=(wrong,), toml=toml, section=section)
    settings, found = read_settings(values, FILE_KEYS)
    problems = [evolve(problem, path=(*section, *problem.path)) for problem in found]
    bases = list(_bases(path, settings, section, limits, (*above, path), problems))
    folders = tuple(_catalogue(path, settings, section, problems))
    policies = tuple(_policies(path, settings, section, problems))
    settings = evolve(settings, catalogue=folders, policies=policies)
    return SettingsFile(path, settings, tuple(problems), toml, section, tuple(bases))


def _bases(
    path: str,
    settings: Settings,
    section: DocPath,
    limits: Limits,
    above: tuple[str, ...],
    problems: list[SettingProblem],
) -> Iterator[SettingsFile]:
    for number, name in enumerate(settings.extends):
        target, message = _absolute(path, name), ""
        if target in above:
            message = f"`{name}` extends this file in turn; take one of the two out."
        elif len(above) > _MOST_EXTENDED:
            message = f"More than {_MOST_EXTENDED} files extend each other."
        elif leads_away(target, path):
            message = f"`{name}` is on another machine, and only files of this one are read. Copy it here."
        elif os.path.isdir(target):
            message = f"`{name}` is a folder; name the file, such as `{name.rstrip('/')}/{SETTINGS_FILE}`."
        else:
            content = read_text(target, limits)
            if isinstance(content, FileFault):
                message = f"`{name}` cannot be extended: {content.message}"
            else:
                base = settings_of(target, content.text, limits, above)
                if base is None:
                    message = f"`{name}` has no `[tool.modelspec]`."
                elif base.toml.fault is not None:
                    # What is wrong in a file of another sort could show what it says.
                    ours = os.path.realpath(target).lower().endswith(".toml")
                    message = f"`{name}` is broken: {base.toml.fault[1]}" if ours else f"`{name}` is no TOML."
                else:
                    yield base
        if message:
            problems.append(SettingProblem((*section, "extends", number), message))


def _catalogue(path: str, settings: Settings, section: DocPath, problems: list[SettingProblem]) -> Iterator[str]:
    for number, name in enumerate(settings.catalogue):
        target = _absolute(path, name)
        folder = posixpath.dirname(target) if posixpath.basename(target) == FOLDER else target
        if leads_away(target, path):
            message = f"`{name}` is on another machine, and only files of this one are read. Copy it here."
            problems.append(SettingProblem((*section, "catalogue", number), message))
        elif os.path.isdir(f"{folder}/{FOLDER}"):
            yield folder
        else:
            message = f"`{name}` holds no folder `{FOLDER}` with models or accelerators."
            problems.append(SettingProblem((*section, "catalogue", number), message))


def _policies(path: str, settings: Settings, section: DocPath, problems: list[SettingProblem]) -> Iterator[str]:
    for number, name in enumerate(settings.policies):
        target = _absolute(path, name)
        if leads_away(target, path):
            message = f"`{name}` is on another machine, and only files of this one are read. Copy it here."
            problems.append(SettingProblem((*section, "policies", number), message))
        elif os.path.exists(target):
            yield target
        else:
            problems.append(SettingProblem((*section, "policies", number), f"There is no policy at `{name}`."))


def _absolute(path: str, name: str) -> str:
    """A path as a settings file writes it."""
    written = os.path.expanduser(name).replace(os.sep, "/")
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), written))
