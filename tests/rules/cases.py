"""Documents and what is to be found in them: one table per rule, each rule both ways.

The same documents serve the tests of fixes and the metamorphic ones.
"""

from support.specs import MINIMAL, spec

SCAN = """\
apiVersion: modelspec.paralleliq.ai/v1
kind: ModelSpec
metadata:
  name: vllm-llama
model:
  name: meta-llama/Llama-3.1-8B-Instruct
engine:
  name: vllm
inference:
  precision: bfloat16
resources:
  replicas: 1
"""
SERVICE = "apiVersion: v1\nkind: Service\nmetadata:\n  name: x\nspec:\n  ports: []\n"
DEPENDENCY = "pipeline:\n  dependencies:\n    - id: embedder\n      role: {}\n"


def runtime(lines):
    """The small spec with lines added below ``runtime``."""
    return MINIMAL + "".join(f"    {line}\n" for line in lines.splitlines())


SYNTAX = {
    # MS001
    "tab": (MINIMAL.replace("      id:", "\tid:"), ["error MS001"]),
    "no tab": (MINIMAL, []),
    "no space after the colon": (MINIMAL.replace("vendor: nvidia", "vendor:nvidia"), ["error MS001"]),
    "open quote": (spec(id='"qwen3-8b'), ["error MS001"]),
    "open bracket": (spec(metadata="labels: {a: b\n"), ["error MS001"]),
    "template": (spec(id="{{ .Values.model }}"), ["information MS001"]),
    "template in quotes": (spec(id='"${MODEL}"'), []),
    "alias of nothing": (spec(id="*model"), ["error MS001"]),
    "alias of itself": (spec(metadata="labels: &l\n  a: *l\n"), ["error MS001"]),
    "foreign tag": (spec(id="!env MODEL"), ["error MS001"]),
    "core tag": (spec(id="!!str 8"), []),
    "mistagged": (spec(count="!!int four"), ["error MS001"]),
    "a list as a key": (spec(metadata="labels:\n  ? [a, b]\n  : c\n"), ["error MS001"]),
    "merging text": (spec(metadata="labels:\n  <<: text\n"), ["error MS001"]),
    # MS002
    "duplicate": (
        runtime("batch: {maxBatchSize: 32, maxBatchSize: 64}"),
        ["error MS002 /spec/runtime/batch/maxBatchSize"],
    ),
    "duplicate in block style": (
        runtime("batch:\n  # was 32\n  maxBatchSize: 32\n  # is\n  maxBatchSize: 64  # now"),
        ["error MS002 /spec/runtime/batch/maxBatchSize"],
    ),
    "no duplicate": (runtime("batch: {maxBatchSize: 32}"), []),
    "three times": (f"{MINIMAL}      count: 2\n      count: 3\n", ["error MS002 /spec/runtime/accelerator/count"] * 2),
    "duplicate block": (
        f"{MINIMAL}  runtime:\n    accelerator: {{}}\n",
        ["error MS002 /spec/runtime", "error MS101 /spec/runtime/accelerator"],
    ),
    "duplicate at the root": (f"{MINIMAL}kind: ModelSpec\n", ["error MS002 /kind"]),
    "duplicate first in an item": (
        spec("pipeline:\n  dependencies:\n    - id: a\n      # the second one\n      id: b\n      role: input\n"),
        ["error MS002 /spec/pipeline/dependencies/0/id"],
    ),
    "override of a merged key": (
        spec(metadata="annotations: &a\n  x: one\nlabels:\n  <<: *a\n  x: two\n"),
        [],
    ),
    "two merge keys": (spec(metadata="annotations: &a\n  x: one\nlabels:\n  <<: *a\n  <<: *a\n"), []),
    # MS003 has its own module; these serve the fixes.
    "yes for true": (
        spec("operations:\n  observability:\n    tracing:\n      enabled: yes  # please\n"),
        ["warning MS003 /spec/operations/observability/tracing/enabled"],
    ),
    "a date for a version": (spec(metadata="version: 2025-01-01\n"), ["error MS003 /metadata/version"]),
    "quoted": (
        spec("operations: {observability: {tracing: {enabled: true}}}\n", metadata='version: "2025-01-01"\n'),
        [],
    ),
    # MS004
    "two specs": (f"{MINIMAL}---\n{MINIMAL}", ["information MS004"]),
    "a service beside it": (f"{MINIMAL}---\n{SERVICE}", ["information MS004"]),
    "a service before it": (f"{SERVICE}---\n{MINIMAL}", ["information MS004"]),
    "empty documents beside it": (f"---\n{MINIMAL}---\n# the end\n", []),
    "two services": (f"{SERVICE}---\n{SERVICE}", ["error MS106 /kind", "error MS106 /kind"]),
    "both judged": (
        f"{MINIMAL}---\n{spec(count='0')}",
        ["information MS004", "error MS105 /spec/runtime/accelerator/count"],
    ),
}
SCHEMA = {
    # MS101
    "no family": (MINIMAL.replace("      family: qwen3\n", ""), ["error MS101 /spec/identity/model"]),
    "no family in flow style": (
        spec()
        .replace("    model:\n", "    model: {id: x, task: chat-completion, framework: transformers}\n")
        .replace(
            "      id: qwen3-8b\n      family: qwen3\n      task: chat-completion\n      framework: transformers\n", ""
        ),
        ["error MS101 /spec/identity/model"],
    ),
    "nothing below spec": (MINIMAL.partition("spec:")[0], ["error MS101"]),
    "no accelerator": (
        MINIMAL.partition("    accelerator:")[0] + "    batch:\n      maxBatchSize: 8\n",
        ["error MS101 /spec/runtime"],
    ),
    "step without type": (
        spec("pipeline:\n  preprocess:\n    steps:\n      - name: a\n      - enabled: true\n"),
        ["error MS101 /spec/pipeline/preprocess/steps/0", "error MS101 /spec/pipeline/preprocess/steps/1"],
    ),
    "empty": ("", ["error MS101"]),
    "comment only": ("# to be written\n", ["error MS101"]),
    "markers only": ("---\n...\n", ["error MS101"]),
    "one mapping, missing at two places": (
        spec("pipeline:\n  preprocess:\n    steps: &s\n      - name: a\n  postprocess:\n    steps: *s\n"),
        ["error MS101 /spec/pipeline/preprocess/steps/0"],
    ),
    # MS102
    "underscores": (runtime("batch: {max_batch_size: 8}"), ["error MS102 /spec/runtime/batch/max_batch_size"]),
    "typo of a required key": (
        MINIMAL.replace("vendor:", "vender:"),
        ["error MS102 /spec/runtime/accelerator/vender"],
    ),
    "camel case": (runtime("batch: {maxBatchSize: 8}"), []),
    "misplaced": (spec("governance:\n  owner: ml\n"), ["error MS102 /spec/governance/owner"]),
    "misplaced, home exists": (
        spec(
            "governance:\n  compliance:\n    # who\n    governance:\n      changeApproval: cab\n  owner: ml  # them\n"
        ),
        ["error MS102 /spec/governance/owner"],
    ),
    "misplaced one level down": (
        runtime("batch:\n  maxBatchSize: 8\n  resources:\n    # of the host\n    cpuCores: 4").rstrip("\n"),
        ["error MS102 /spec/runtime/batch/resources"],
    ),
    "misplaced block": (
        spec("retention:\n    logsDays: 7\n\n    # a week\n    artifactsDays: 7\ngovernance:\n  compliance:\n"),
        ["error MS102 /spec/retention"],
    ),
    "misplaced in the second item": (
        spec(
            "pipeline:\n  dependencies:\n    - id: a\n      role: input\n"
            "    - id: b\n      role: input\n      # at most\n      maxLatencyMs: 50\n"
        ),
        ["error MS102 /spec/pipeline/dependencies/1/maxLatencyMs"],
    ),
    "misplaced, belongs into a list": (spec("specRef: ./a.yaml\n"), ["error MS102 /spec/specRef"]),
    "misplaced first in an item": (
        spec("pipeline:\n  dependencies:\n    - inputType: text\n      id: a\n      role: input\n"),
        ["error MS102 /spec/pipeline/dependencies/0/inputType"],
    ),
    "unknown": (spec("notes: none\n"), ["error MS102 /spec/notes"]),
    "unknown block scalar": (
        spec("notes: |\n  one:\n     two\n\n  three # text\n"),
        ["error MS102 /spec/notes"],
    ),
    "unknown, alone in its block": (
        runtime("environment:\n  # none\n  vars: {a: b}"),
        ["error MS102 /spec/runtime/environment/vars"],
    ),
    "unknown at the root": (f"{MINIMAL}status: {{}}\n", ["error MS102 /status"]),
    "unknown first": (f"x-note: 1\n{MINIMAL}", ["error MS102 /x-note"]),
    "typo beside the right key": (f"{MINIMAL}      counts: 2\n", ["error MS102 /spec/runtime/accelerator/counts"]),
    "unknown in flow style": (
        runtime("batch: {maxBatchSize: 8, foo: [1, 2], }"),
        ["error MS102 /spec/runtime/batch/foo"],
    ),
    "unknown in flow style, alone": (runtime("batch: {foo: 1,}"), ["error MS102 /spec/runtime/batch/foo"]),
    "unknown in flow style, first": (
        runtime("batch: {\n  foo: 1,  # bar\n  maxBatchSize: 8 }"),
        ["error MS102 /spec/runtime/batch/foo"],
    ),
    # MS103
    "a boolean for text": (
        runtime("environment:\n  variables:\n    TOKENIZERS_PARALLELISM: false"),
        ["error MS103 /spec/runtime/environment/variables/TOKENIZERS_PARALLELISM"],
    ),
    "a number for text": (spec(metadata="version: 1.10\n"), ["error MS103 /metadata/version"]),
    "quoted text": (spec(metadata='version: "1.10"\nlabels: {a: "false"}\n'), []),
    "text for a number": (spec(count='"4"'), ["error MS103 /spec/runtime/accelerator/count"]),
    "text that is no number": (spec(count="four"), ["error MS103 /spec/runtime/accelerator/count"]),
    "a number with its unit": (
        runtime("resources:\n  memoryGb: 64GB"),
        ["error MS103 /spec/runtime/resources/memoryGb"],
    ),
    "a word for a boolean": (
        spec('operations:\n  observability:\n    tracing: {enabled: "yes"}\n'),
        ["error MS103 /spec/operations/observability/tracing/enabled"],
    ),
    "a whole number with a fraction": (spec(count="1.0"), []),
    "half an accelerator": (spec(count="0.5"), ["error MS103 /spec/runtime/accelerator/count"]),
    "a boolean for a number": (spec(count="true"), ["error MS103 /spec/runtime/accelerator/count"]),
    "a list for text": (spec(metadata="labels:\n  team: [ml]\n"), ["error MS103 /metadata/labels/team"]),
    "a mapping for a list": (
        spec("pipeline:\n  dependencies:\n    id: a\n    role: input\n"),
        ["error MS103 /spec/pipeline/dependencies"],
    ),
    "a list for a mapping": (spec("operations:\n  - serving\n"), ["error MS103 /spec/operations"]),
    "text for a mapping": (
        MINIMAL.replace("    accelerator:\n", "    accelerator: l40s\n    batch:\n").partition("      vendor")[0],
        ["error MS103 /spec/runtime/accelerator", "error MS103 /spec/runtime/batch"],
    ),
    "an empty value": (spec(id=""), ["error MS103 /spec/identity/model/id"]),
    "an empty value with a comment": (spec(id="# later"), ["error MS103 /spec/identity/model/id"]),
    "an empty block": (spec("operations:\n"), ["error MS103 /spec/operations"]),
    "empty required blocks": (
        "apiVersion: piqc.ai/v1alpha1\nkind: ModelSpec\nmetadata: # who\nspec:\n  # what\n",
        ["error MS103 /metadata", "error MS103 /spec"],
    ),
    "an empty item": (
        spec("pipeline:\n  dependencies:\n    -\n    - id: a\n      role: input\n"),
        ["error MS103 /spec/pipeline/dependencies/0"],
    ),
    "null in words": (spec(metadata="description: null\n"), ["error MS103 /metadata/description"]),
    "a list": ("- a\n", ["error MS103"]),
    "text": ("hello\n", ["error MS103"]),
    "null": ("null\n", ["error MS103"]),
    "labels by alias": (spec(metadata="annotations: &a\n  x: 1\nlabels: *a\n"), ["error MS103 /metadata/labels/x"]),
    "a number by alias where text belongs": (
        spec(metadata="labels: {a: *n, b: *n}\n", count="1").replace("metadata:\n", "x: &n 1\nmetadata:\n"),
        ["error MS102 /x", "error MS103 /metadata/labels/a", "error MS103 /metadata/labels/b"],
    ),
    # MS104
    "retriever": (spec(DEPENDENCY.format("retriever")), ["error MS104 /spec/pipeline/dependencies/0/role"]),
    "input": (spec(DEPENDENCY.format("input")), []),
    "capitals": (spec(DEPENDENCY.format("Guardrail")), ["error MS104 /spec/pipeline/dependencies/0/role"]),
    "nothing like it": (
        spec("operations: {scaling: {strategy: zzz}}\n"),
        ["error MS104 /spec/operations/scaling/strategy"],
    ),
    # MS105
    "port too high": (spec("operations: {serving: {port: 80000}}\n"), ["error MS105 /spec/operations/serving/port"]),
    "port too low": (spec("operations: {serving: {port: 0}}\n"), ["error MS105 /spec/operations/serving/port"]),
    "port": (spec("operations: {serving: {port: 8000}}\n"), []),
    "limits": (spec("operations: {serving: {port: 65535}, observability: {metrics: {port: 1}}}\n"), []),
    "no accelerators": (spec(count="0"), ["error MS105 /spec/runtime/accelerator/count"]),
    "negative": (
        spec("operations: {scaling: {targetRps: -0.5, minReplicas: 0}}\n"),
        ["error MS105 /spec/operations/scaling/targetRps"],
    ),
    "very large": (
        spec("operations: {serving: {port: 1" + "0" * 400 + "}}\n"),
        ["error MS105 /spec/operations/serving/port"],
    ),
    # MS106
    "v0.2": (spec(apiVersion="piqc.ai/v0.2"), ["error MS106 /apiVersion"]),
    "v1alpha1": (spec(apiVersion="piqc.ai/v1alpha1"), []),
    "no apiVersion": (spec(apiVersion=""), ["error MS106 /apiVersion"]),
    "a number for the apiVersion": (spec(apiVersion="1"), ["error MS106 /apiVersion"]),
    "kind in lower case": (spec(kind="modelspec"), ["error MS106 /kind"]),
    "kind in the plural": (spec(kind="ModelSpecs"), ["error MS106 /kind"]),
    "kind with a typo": (spec(kind="ModelSepc"), ["error MS106 /kind"]),
    "another kind": (SERVICE, ["error MS106 /kind"]),
    "an OpenModel": ("apiVersion: llmaz.io/v1alpha1\nkind: OpenModel\nmetadata: {name: a}\n", ["error MS101"]),
    "a kind of the same name": ("apiVersion: models.acme.io/v1\nkind: OpenModel\nmetadata: {name: a}\n", []),
    "an OpenModel of another version": (
        "apiVersion: llmaz.io/v1\nkind: OpenModel\nmetadata: {name: a}\nspec: {familyName: a, source: {}}\n",
        ["error MS106 /apiVersion"],
    ),
    "a Playground": ("apiVersion: inference.llmaz.io/v1alpha1\nkind: Playground\nspec: {modelClaim: 1}\n", []),
    "a scan result": (SCAN, ["information MS106 /apiVersion"]),
    # MS107
    "a bucket to be named": (
        MINIMAL.replace(
            "      family: qwen3\n", "      family: qwen3\n      artifacts: {modelUri: s3://<YOUR_S3_BUCKET>/x}\n"
        ),
        ["warning MS107 /spec/identity/model/artifacts/modelUri"],
    ),
    "an empty id": (spec(id='""'), ["warning MS107 /spec/identity/model/id"]),
    "a blank id": (spec(id="' '"), ["warning MS107 /spec/identity/model/id"]),
    "an empty label": (spec(metadata='labels: {a: ""}\n'), []),
    "to do": (
        spec(metadata="annotations: {runbook: TODO write it}\n"),
        ["warning MS107 /metadata/annotations/runbook"],
    ),
    "a model for to-do lists": (spec(id="todo-extractor"), []),
    "to do in a description": (spec(metadata="description: TODO\n"), []),
    "snippet residue": (spec(id='"${1:model}"'), ["warning MS107 /spec/identity/model/id"]),
    "xxx": (spec(id="xxx"), ["warning MS107 /spec/identity/model/id"]),
    "your": (spec(id="your-service-model"), ["warning MS107 /spec/identity/model/id"]),
    "yours in prose": (spec(metadata="annotations: {note: ask your service desk}\n"), []),
    "example": (spec(id="example-llm"), []),
}
CASES = {**SYNTAX, **SCHEMA}
BROKEN = {name: text for name, (text, expected) in CASES.items() if expected}
