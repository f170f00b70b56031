"""What policies cost: nothing where there are none, less than 2 ms for 50 rules."""

import os
import subprocess
import sys
import time
from pathlib import Path

from modelspec_ls.rules.context import DocumentContext
from modelspec_ls.rules.policy import policy_violation
from modelspec_ls.workspace.document import Document
from modelspec_ls.workspace.snapshot import Snapshot
from support.policies import policy, spec_of

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests" / "bench"))
from bench import EXAMPLE, RULES  # noqa: E402


def test_fifty_rules(tmp_path):
    (tmp_path / ".git").mkdir()
    rules = "".join(f"  - name: rule-{n}\n    {RULES[n % len(RULES)]}\n" for n in range(50)).replace(
        "\n      ", "\n    "
    )
    (tmp_path / "modelspec-policy.yaml").write_text(policy(f"rules:\n{rules}"), encoding="utf-8")
    uri, times = (tmp_path / "a.modelspec.yaml").as_uri(), []
    scope = Snapshot().covering(uri).scope(uri)
    assert len(scope.policies.rules) == 50
    for number in range(30):
        document = Document(uri, f"{EXAMPLE.read_text(encoding='utf-8')}# {number}\n")
        ctx = DocumentContext(document, scope, 0)
        assert ctx.problems == () and ctx.deployment.report is not None  # What other rules have asked for anyway.
        started = time.process_time()
        list(policy_violation.check(ctx))
        times.append(time.process_time() - started)
    assert min(times) < 0.002


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
