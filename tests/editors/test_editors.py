"""Real sessions in other editors, each with its own language client."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
SPEC = """\
apiVersion: piqc.ai/v1alpha1
kind: ModelSpec
metadata:
  name: chat
spec:
  identity:
    model:
      id: qwen3-8b
      famly: qwen3
      task: chat-completion
      framework: vllm
      precision: bf16
  runtime:
    accelerator: {vendor: nvidia, type: l40s, count: 1}
    batch: {maxBatchSize: 16, maxSequenceLengthTokens: 4096}
"""


def session(tmp_path, command):
    file = tmp_path / "chat.modelspec.yaml"
    file.write_text(SPEC, encoding="utf-8")
    environment = {
        **os.environ,
        "HOME": str(tmp_path),
        "MODELSPEC_PYTHON": sys.executable,
        "MODELSPEC_FILE": str(file),
        "PYTHONPATH": str(HERE.parents[1] / "server"),
    }
    done = subprocess.run(
        [part.format(file=file) for part in command],
        cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(next(line for line in done.stdout.splitlines() if line.startswith("{")))


def judge(result):
    assert "Did you mean `family`?" in result["message"]
    assert (result["line"], result["column"]) == (8, 6)
    assert "family" in json.dumps(result["hover"]) or "famly" in json.dumps(result["hover"])
    assert result["offered"] > 0


@pytest.mark.skipif(not shutil.which("nvim"), reason="Neovim is not installed")
def test_neovim(tmp_path):
    script = HERE / "session.lua"
    result = session(
        tmp_path, ["nvim", "--headless", "-u", "NONE", "-i", "NONE", "-n", "{file}", "-c", f"luafile {script}"]
    )
    judge(result)


@pytest.mark.skipif(not shutil.which("emacs"), reason="Emacs is not installed")
def test_emacs(tmp_path):
    judge(session(tmp_path, ["emacs", "--batch", "-l", str(HERE / "session.el")]))
