"""What policies cost where there are none. What fifty rules cost is measured in the benchmark."""

import os
import subprocess
import sys
from pathlib import Path

from support.policies import spec_of

ROOT = Path(__file__).parents[2]


def test_no_policy_costs_nothing(tmp_path):
    """Nothing of the library is even loaded."""
    (tmp_path / ".git").mkdir()
    (tmp_path / "a.modelspec.yaml").write_text(spec_of(), encoding="utf-8")
    code = (
        "import sys; from modelspec_ls.cli.main import run; run(['check', '-q']);"
        "print([m for m in sys.modules if m.startswith('modelspec_ls.policy')])"
    )
    env = {**os.environ, "PYTHONPATH": str(ROOT / "server")}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=env, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"
