"""What fifty rules of a policy cost one spec."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from bench_specs import ROOT

from modelspec_ls.analysis import check_document
from modelspec_ls.policy import cel
from modelspec_ls.workspace.document import Document
from modelspec_ls.workspace.snapshot import Snapshot

EXAMPLE = ROOT / "examples" / "08-full-production.modelspec.yaml"
RULES = (
    "require: {spec.runtime.accelerator.type: {in: [l4, l40s, a100-80gb, h100-80gb]}}",
    "require: {metadata.labels.team: {present: true}, metadata.labels.environment: {in: [dev, staging, prod]}}",
    "match: {environments: [prod]}\n      require: {spec.operations.scaling.minReplicas: {min: 2}}",
    "require: {metadata.name: {matches: '^[a-z0-9]+(-[a-z0-9]+)*-(dev|staging|prod)$'}}",
    "require: {spec.identity.model.artifacts.modelUri: {startsWith: ['s3://', 'oci://'], optional: true}}",
    "forbid: {spec.governance.cost.pricingHints.spotAllowed: {equals: true}}",
    "require: {'spec.pipeline.dependencies[].specRef': {present: true}}",
    "require: {derived.hourlyUsdAtMax: {max: 500, optional: true}}",
    "require: {derived.fits: {equals: true, optional: true}}",
    "exclude: {names: ['*-batch'], paths: [old/]}\n      require: {spec.operations.serving.port: {max: 9000}}",
)
EXPRESSION = "expression: object.spec.?pipeline.?dependencies.orValue([]).all(d, d.role != 'none')"


def measure_policies(repeats: int) -> dict[str, list[float]]:
    """What policies add to the check of one spec, without the wire, in ms: each time a text that nobody has seen."""
    text = EXAMPLE.read_text(encoding="utf-8")
    head = "apiVersion: modelspec-policy/v1alpha1\nkind: ModelSpecPolicy\nmetadata: {name: bench}\nspec:\n  rules:\n"
    plain = [f"    - name: rule-{n}\n      {RULES[n % len(RULES)]}\n" for n in range(50)]
    some = [f"    - name: cel-{n}\n      {EXPRESSION}\n" for n in range(5)] if cel.available() else []
    result: dict[str, list[float]] = {}
    cases = {"no policy": None, "50 rules": "".join(plain), "50 rules and 5 expressions": "".join((*plain, *some))}
    for name, rules in cases.items():
        with tempfile.TemporaryDirectory() as top:
            (Path(top) / ".git").mkdir()
            if rules is not None:
                (Path(top) / "modelspec-policy.yaml").write_text(head + rules, encoding="utf-8")
            around = Snapshot().covering((Path(top) / "a.modelspec.yaml").as_uri())
            times = []
            for number in range(repeats + 5):
                document = Document((Path(top) / "a.modelspec.yaml").as_uri(), f"{text}# {number}\n")
                snapshot = around.with_document(document)
                start = time.perf_counter()
                check_document(snapshot, document.uri)
                times.append((time.perf_counter() - start) * 1000)
        result[name] = times[5:]
    return result
