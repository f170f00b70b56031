"""Write the generated parts of vscode-extension/package.json: version, settings of the server, walkthrough.

``--check`` writes nothing and exits with 1 when the file is stale.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "server"))

from modelspec_ls import __version__  # noqa: E402
from modelspec_ls.core.config import KEYS  # noqa: E402

# What the editor's settings and a project's file share, with their descriptions.
SETTINGS = json.loads((ROOT / "schema" / "modelspec-config-v1.schema.json").read_text(encoding="utf-8"))["properties"]
MANIFEST = ROOT / "vscode-extension" / "package.json"
CLIENT: dict[str, dict[str, Any]] = {
    "server.interpreter": {
        "type": "string",
        "default": "",
        "scope": "machine-overridable",
        "markdownDescription": "Full path of the Python (3.10 or newer) that runs the bundled server. Empty: the one "
        "selected in the Python extension, then the first that fits on `PATH`, then one that `uv` knows.",
    },
    "server.importStrategy": {
        "type": "string",
        "enum": ["useBundled", "fromEnvironment"],
        "enumDescriptions": [
            "The server that came with this extension.",
            "The package modelspec-language-server of the Python environment, for a version of your own choice.",
        ],
        "default": "useBundled",
        "scope": "machine-overridable",
        "markdownDescription": "Which server runs.",
    },
    "server.path": {
        "type": "string",
        "default": "",
        "scope": "machine-overridable",
        "markdownDescription": "A server of your own to start instead: name or full path of the command `modelspec`.",
    },
    "server.args": {
        "type": "array",
        "items": {"type": "string"},
        "default": ["lsp"],
        "scope": "machine-overridable",
        "markdownDescription": "Arguments for `#modelspec.server.path#`.",
    },
    "server.logLevel": {
        "type": "string",
        "enum": ["error", "warning", "info", "debug"],
        "default": "warning",
        "scope": "machine-overridable",
        "markdownDescription": "What the server writes to the output *ModelSpec*.",
    },
    "trace.server": {
        "type": "string",
        "enum": ["off", "messages", "verbose"],
        "default": "off",
        "scope": "window",
        "markdownDescription": "Write the messages between editor and server to the output *ModelSpec* "
        "(set its log level to *Trace* to see them).",
    },
    "editor.detectContent": {
        "type": "boolean",
        "default": True,
        "scope": "resource",
        "markdownDescription": "Treat YAML files that declare `kind: ModelSpec`, or an `OpenModel`, `Playground` or "
        "`Service` of llmaz, as files of this extension, whatever their name.",
    },
    "editor.statusBar": {
        "type": "boolean",
        "default": True,
        "scope": "window",
        "markdownDescription": "Show in the status bar whether the spec in front fits its accelerators.",
    },
}


def manifest(old: str) -> str:
    """The manifest with its generated parts anew."""
    package = json.loads(old)
    package["version"] = __version__
    contributes = package["contributes"]
    contributes["configuration"] = [
        {"title": "Checks", "properties": {f"modelspec.{key}": setting(SETTINGS[key]) for key in KEYS}},
        {"title": "Editor and Server", "properties": {f"modelspec.{key}": value for key, value in CLIENT.items()}},
    ]
    contributes["walkthroughs"] = [walkthrough()]
    return json.dumps(package, indent=2, ensure_ascii=False) + "\n"


def setting(schema: Any) -> dict[str, Any]:
    """A setting of the server in VS Code's words."""
    rest = {key: value for key, value in schema.items() if key != "description"}
    return {**rest, "scope": "resource", "markdownDescription": schema["description"]}


def walkthrough() -> dict[str, Any]:
    """The learning path: one step per snippet that has an example."""
    snippets = json.loads((ROOT / "snippets" / "modelspec.json").read_text(encoding="utf-8"))
    steps = []
    for path in sorted((ROOT / "examples").glob("[0-9][0-9]-*.modelspec.yaml")):
        step = path.name.removesuffix(".modelspec.yaml")
        name, snippet = next((n, s) for n, s in snippets.items() if s["prefix"] == f"modelspec-{step}")
        argument = quote(json.dumps([snippet["prefix"]]))
        button = f"[Open this step](command:modelspec.newSpec?{argument})"
        steps.append(
            {
                "id": step,
                "title": name.removeprefix("ModelSpec ").replace(": ", " ").capitalize(),
                "description": f"{snippet['description']}\n{button}",
                "media": {"markdown": f"walkthrough/{step}.md"},
            }
        )
    return {
        "id": "learn",
        "title": "Learn ModelSpec step by step",
        "description": "From the least that describes a deployment to a production spec, one topic at a time.",
        "steps": steps,
    }


def main() -> int:
    """Write or check."""
    old = MANIFEST.read_text(encoding="utf-8")
    new = manifest(old)
    if "--check" in sys.argv:
        if new != old:
            print("vscode-extension/package.json is stale: run `make docs`")
        return int(new != old)
    MANIFEST.write_text(new, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
