"""The layers hold, and the command line starts without what it does not need."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_imports_only_go_down():
    """The contracts in pyproject.toml."""
    from importlinter.application.use_cases import lint_imports
    from importlinter.configuration import configure

    configure()
    assert lint_imports(config_filename=str(ROOT / "pyproject.toml"), cache_dir=None, is_debug_mode=False)


def loaded(module, names):
    """Which of some modules are there once another one is imported."""
    code = f"import sys, {module}; print([m for m in {names} if m in sys.modules])"
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "server")}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    return done.stdout.strip()


def test_the_command_line_starts_light():
    heavy = ("lsprotocol", "pygls", "jsonschema", "rich", "ruamel", "pathspec")
    assert loaded("modelspec_ls.cli.main", heavy) == "[]"


def test_the_server_starts_without_knowledge_of_models():
    """It is loaded once a client has its first answer; neither do facts of files need it."""
    heavy = tuple(f"modelspec_ls.{name}" for name in ("knowledge.catalogue", "knowledge.models", "analysis"))
    assert loaded("modelspec_ls.lsp.server", heavy) == "[]"
