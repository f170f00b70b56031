"""Rules on OpenModels and claims: llmaz's own verdicts, quiet on what it publishes, and each rule both ways."""

import pytest

from modelspec_ls.analysis import resolve_fix
from modelspec_ls.core.finding import Severity
from modelspec_ls.core.text import apply_edits
from modelspec_ls.workspace.document import Document
from support.llmaz import HUB, claiming, findings, open_model, playground, said

REPOSITORY = "modelHub: {modelID: meta-llama/Meta-Llama-3-8B"
GGUF = "modelHub: {modelID: Qwen/Qwen2-0.5B-Instruct-GGUF"
FILE = ", filename: qwen2-0_5b-instruct-q5_k_m.gguf"

# The cases that llmaz tests its admission with: what is refused, by the rule that says so here.
ADMISSION = {
    "a repository of Hugging Face": (f"{REPOSITORY}}}", None),
    "one of ModelScope": ("modelHub: {name: ModelScope, modelID: LLM-Research/Meta-Llama-3-8B}", None),
    "an object store": ("uri: 'oss://bucket.endpoint/models/meta-llama-3-8B'", None),
    "a path on the host": ("uri: 'host:///models/meta-llama-3-8B'", None),
    "an unknown protocol": ("uri: 'unknown://bucket.endpoint/models/meta-llama-3-8B'", "OM103"),
    "an object store without bucket": ("uri: 'oss://endpoint/models/meta-llama-3-8B'", "OM103"),
    "an unknown hub": ("modelHub: {name: unknown}", "MS104"),
    "no source": ("", "OM101"),
    "a file": (f"{GGUF}{FILE}}}", None),
    "a file and allowed patterns": (f"{GGUF}{FILE}, allowPatterns: ['*']}}", "OM104"),
    "a file and ignored patterns": (f"{GGUF}{FILE}, ignorePatterns: ['*']}}", "OM104"),
    "both sorts of patterns": (f"{GGUF}, allowPatterns: ['*'], ignorePatterns: ['*.gguf']}}", None),
    "a file of ModelScope": (f"modelHub: {{name: ModelScope, modelID: Qwen/Qwen2-0.5B-Instruct-GGUF{FILE}}}", "OM104"),
}


def errors(text):
    return {d.code for d in findings({"m.yaml": text}, "m.yaml") if d.severity is Severity.ERROR}


@pytest.mark.parametrize("source, refused", ADMISSION.values(), ids=ADMISSION.keys())
def test_admission(source, refused):
    assert errors(open_model(source, family="llama3", name="llama3-8b")) == ({refused} if refused else set())


def test_admission_of_names():
    assert errors(open_model(name="qwen-2-0.5b")) == {"MS151"}
    assert errors(open_model(name="qwen-2-0--5b")) == set()


# In the shape of what llmaz publishes: names with `--`, GGUF files, drafts without flavors, objects of others.
PUBLISHED = {
    "a hub and a card": open_model(
        "modelHub: {modelID: facebook/opt-6.7b}",
        "name: a10, limits: {nvidia.com/gpu: 1}",
        name="opt-6--7b",
        family="opt",
    ),
    "a draft without flavors": open_model("modelHub: {modelID: facebook/opt-125m}", name="opt-125m", family="opt"),
    "ModelScope": open_model(
        "modelHub: {name: ModelScope, modelID: AI-ModelScope/opt-125}",
        "name: t4, limits: {nvidia.com/gpu: 1}",
        name="opt-125m",
        family="opt",
    ),
    "GGUF": open_model(
        "modelHub: {modelID: TheBloke/Llama-2-7B-GGUF, filename: llama-2-7b.Q8_0.gguf}",
        name="llama2-7b-q8-gguf",
        family="llama2",
    ),
    "a distilled model": open_model(
        "uri: 's3://bucket/DeepSeek-R1-Distill-Qwen-1.5B'",
        "name: t4, limits: {nvidia.com/gpu: 1}",
        name="deepseek-r1-distill-qwen-1-5b",
        family="deepseek",
        metadata='  annotations:\n    llmaz.io/skip-model-loader: "true"\n',
    ),
    "Ollama": open_model("uri: 'ollama://qwen2:0.5b'", name="qwen2-0--5b", family="qwen2"),
    "a registry": open_model(
        "uri: 'oci://ghcr.io/acme/qwen2-0.5b:latest'",
        "name: t4, limits: {nvidia.com/gpu: 1}",
        name="qwen2-0--5b",
        family="qwen2",
    ),
    "very large": open_model(
        "modelHub: {modelID: meta-llama/Llama-3.1-405B}", name="llama3-405b-instruct", family="llama3"
    ),
    "an ambiguous card": open_model(
        "modelHub: {modelID: facebook/opt-125m}",
        "name: a100, limits: {nvidia.com/gpu: 1}",
        name="opt-125m",
        family="opt",
        metadata="  labels:\n    app.kubernetes.io/name: model\n",
    ),
}
OTHERS = "---\napiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: {name: gate}\nspec: {x: [}\n"


@pytest.mark.parametrize("text", PUBLISHED.values(), ids=PUBLISHED.keys())
def test_published_shapes_are_quiet(text):
    name = next(line.split()[1] for line in text.splitlines() if line.startswith("  name:"))
    whole = f"{text}---\n{claiming(name)}{OTHERS.replace('[}', '[]')}"
    assert [d for d in findings({"m.yaml": whole}, "m.yaml") if d.severity <= Severity.WARNING] == []


def test_what_is_read_back_from_a_cluster_is_quiet():
    text = f"""\
apiVersion: llmaz.io/v1alpha1
kind: OpenModel
metadata:
  annotations:
    kubectl.kubernetes.io/last-applied-configuration: |
      {{"apiVersion":"llmaz.io/v1alpha1"}}
  creationTimestamp: "2025-05-21T10:00:00Z"
  finalizers: [llmaz.io/x]
  generation: 2
  labels:
    llmaz.io/model-family-name: qwen3
  managedFields:
  - apiVersion: llmaz.io/v1alpha1
    fieldsType: FieldsV1
    fieldsV1: {{"f:spec": {{}}}}
    manager: kubectl
    operation: Update
    time: "2025-05-21T10:00:00Z"
  name: qwen3-8b
  ownerReferences:
  - {{apiVersion: v1, kind: ConfigMap, name: a, uid: b, controller: true}}
  resourceVersion: "123"
  uid: 0f0a
spec:
  createdAt: "2025-05-21T10:00:00Z"
  familyName: qwen3
  inferenceConfig:
    flavors:
    - limits:
        nvidia.com/gpu: "1"
      name: l40s
  ownedBy: llmaz
  source:
    {HUB.replace("modelHub: {", "modelHub: {name: Huggingface, ")}
status:
  conditions:
  - lastTransitionTime: "2025-05-21T10:00:00Z"
    message: ""
    reason: Ready
    status: "True"
    type: Ready
"""
    assert said(text) == []


FLAVORS = "/spec/inferenceConfig/flavors"
CASES = {
    # OM101
    "a hub without a model": (open_model("modelHub: {name: Huggingface}"), ["warning OM101 /spec/source/modelHub"]),
    "a misspelt hub": (open_model("modelhub: {modelID: a/b}"), ["error MS102 /spec/source/modelhub"]),
    # OM102
    "two sources": (open_model(f"{HUB}, uri: 's3://b/m'"), ["warning OM102 /spec/source/uri"]),
    # OM103
    "an empty address": (open_model("uri: ''"), ["error OM103 /spec/source/uri"]),
    "two separators": (
        open_model("uri: 's3://b/m://x'"),
        ["error OM103 /spec/source/uri", "information MS201 /spec/source/uri"],
    ),
    "upper case": (open_model("uri: 'S3://bucket/Qwen3-8B'"), []),
    "a bucket alone": (
        open_model("uri: 's3://bucket'"),
        ["error OM103 /spec/source/uri", "information MS201 /spec/source/uri"],
    ),
    "a bucket to be named": (open_model("uri: 's3://<BUCKET>/Qwen3-8B'"), ["warning MS107 /spec/source/uri"]),
    # OM105
    "an underscore in the family": (open_model(family="qwen_3"), []),
    "a space in the family": (open_model(family="qwen 3"), ["error OM105 /spec/familyName"]),
    "no family": (open_model(family="''"), ["warning MS107 /spec/familyName"]),
    "another family": (open_model(family="llama3"), ["warning MS202 /spec/familyName"]),
    # OM106
    "too small": (
        open_model("uri: 's3://b/Qwen2-7B'", "name: t4, limits: {nvidia.com/gpu: 1}", family="qwen2", name="qwen2-7b"),
        [f"warning OM106 {FLAVORS}/0/name", f"information MS404 {FLAVORS}/0/name"],
    ),
    "all too small": (
        open_model(
            HUB.replace("3-8B", "3-32B"),
            "name: t4, limits: {nvidia.com/gpu: 1}",
            "name: l40s, limits: {nvidia.com/gpu: 1}",
            name="qwen3-32b",
        ),
        [f"warning OM106 {FLAVORS}", f"information MS404 {FLAVORS}/0/name"],
    ),
    "too small, if it is the smaller one": (
        open_model(
            "uri: 's3://b/Llama-2-13b-hf'", "name: a100, limits: {nvidia.com/gpu: 1}", family="llama2", name="a"
        ),
        [],
    ),
    "too small in any case": (
        open_model(
            "uri: 's3://b/Llama-2-70b-hf'", "name: a100, limits: {nvidia.com/gpu: 1}", family="llama2", name="a"
        ),
        [f"information OM106 {FLAVORS}/0/name"],
    ),
    "two hosts": (
        open_model(
            HUB.replace("3-8B", "3-32B"),
            'name: l40s, limits: {nvidia.com/gpu: 1}, params: {PP: "2"}',
            name="qwen3-32b",
        ),
        [],
    ),
    "a slice": (open_model(HUB, "name: t4, limits: {nvidia.com/mig-1g.10gb: 1}"), []),
    "no accelerator": (open_model(HUB, "name: t4"), []),
    # OM107
    "TP above the limit": (
        open_model(HUB, 'name: l40s, limits: {nvidia.com/gpu: 2}, params: {TP: "4"}'),
        [f"warning OM107 {FLAVORS}/0/params/TP"],
    ),
    "heads": (
        open_model(HUB, 'name: l40s, limits: {nvidia.com/gpu: 3}, params: {TP: "3"}'),
        [f"warning OM107 {FLAVORS}/0/params/TP"],
    ),
    "TP in words": (
        open_model(HUB, 'name: l40s, limits: {nvidia.com/gpu: 2}, params: {TP: "two"}'),
        [f"warning OM107 {FLAVORS}/0/params/TP"],
    ),
    "lower case": (
        open_model(HUB, 'name: l40s, limits: {nvidia.com/gpu: 2}, params: {tp: "2"}'),
        [f"warning OM107 {FLAVORS}/0/params/tp"],
    ),
    "the same name": (
        open_model(HUB, "name: l40s, limits: {nvidia.com/gpu: 1}", "name: l40s, limits: {nvidia.com/gpu: 2}"),
        [f"warning OM107 {FLAVORS}/1/name"],
    ),
    "memory of the host": (
        open_model(HUB, "name: l40s, limits: {nvidia.com/gpu: 1, memory: 64Gi}"),
        [f"information OM107 {FLAVORS}/0/limits/memory"],
    ),
    # OM108
    "a namespace": (open_model(metadata="  namespace: default\n"), ["warning OM108 /metadata/namespace"]),
    # OM109
    "a whole GGUF repository": (
        open_model(f"{GGUF}, revision: 198f08841147e5196a6a69bd0053690fb1fd3857}}", family="qwen2", name="qwen2-0-5b"),
        ["warning OM109 /spec/source/modelHub/modelID"],
    ),
    # Shared rules
    "no quantity": (
        open_model(HUB, "name: l40s, limits: {nvidia.com/gpu: one}"),
        [f"error MS105 {FLAVORS}/0/limits/nvidia.com~1gpu"],
    ),
    "nine flavors": (open_model(HUB, *(f"name: f{n}" for n in range(9))), [f"error MS105 {FLAVORS}"]),
    "a date": (open_model() + "  createdAt: 2025-05-21T10:00:00Z\n", []),
    "no time": (open_model() + "  createdAt: 2025-05-21\n", ["error MS105 /spec/createdAt"]),
    "a time of day": (open_model(HUB, "name: l40s, params: {AT: 12:30}"), []),
    "a word for true": (open_model(HUB, "name: l40s, params: {A: on}"), [f"error MS003 {FLAVORS}/0/params/A"]),
    "a label": (open_model(metadata="  labels: {team: 'ML Platform'}\n"), ["error MS152 /metadata/labels/team"]),
    "a name to complete": (
        open_model().replace("  name: qwen3-8b\n", "  generateName: qwen3-\n"),
        [],
    ),
    "no name": (open_model().replace("  name: qwen3-8b\n", "  labels: {}\n"), ["error MS101 /metadata"]),
    "a hint": (
        open_model(metadata="  annotations: {modelspec/parameter-cuont: 8B}\n"),
        ["warning MS171 /metadata/annotations/modelspec~1parameter-cuont"],
    ),
    "a moving branch": (open_model("modelHub: {modelID: Qwen/Qwen3-8B}"), ["hint MS209 /spec/source/modelHub/modelID"]),
    "unknown": (
        open_model("modelHub: {modelID: acme/tiny, revision: abcdef0}", family="tiny", name="tiny"),
        ["information MS201 /spec/source/modelHub/modelID"],
    ),
}


@pytest.mark.parametrize("text, expected", CASES.values(), ids=CASES.keys())
def test_case(text, expected):
    assert said(text) == expected


CLAIMS = {
    "no models at all": (claiming("gone"), {}, []),
    "a model elsewhere": (claiming("gone"), {"m": open_model()}, ["information OM110 /spec/modelClaim/modelName"]),
    "a near miss": (claiming("qwen3-8"), {"m": open_model()}, ["warning OM110 /spec/modelClaim/modelName"]),
    "a known one": (claiming("qwen3-8b"), {"m": open_model()}, []),
    "a template": (claiming('"{{ .Values.model }}"'), {"m": open_model()}, []),
    "a flavor": (claiming("qwen3-8b", "l40s"), {"m": open_model(HUB, "name: l40s")}, []),
    "a flavor that is not there": (
        claiming("qwen3-8b", "l40s", "h100"),
        {"m": open_model(HUB, "name: l40s")},
        ["warning OM112 /spec/modelClaim/inferenceFlavors/1"],
    ),
    "a flavor of a model that is not there": (claiming("gone", "h100"), {}, []),
    "a Service": (
        playground("modelClaims:\n  models:\n    - name: qwen3-8b\n  inferenceFlavors: [h100]", kind="Service"),
        {"m": open_model(HUB, "name: l40s")},
        ["warning OM112 /spec/modelClaims/inferenceFlavors/0"],
    ),
    "main and draft": (playground("modelClaims:\n  models: [{name: a}, {name: b, role: draft}]"), {}, []),
    "two mains": (
        playground("modelClaims:\n  models: [{name: a, role: main}, {name: b}]"),
        {},
        ["warning OM111 /spec/modelClaims/models/1/name"],
    ),
    "a draft alone": (
        playground("modelClaims:\n  models: [{name: a, role: draft}]"),
        {},
        ["warning OM111 /spec/modelClaims/models/0/name"],
    ),
    "two drafts": (
        playground("modelClaims:\n  models: [{name: a}, {name: b, role: draft}, {name: c, role: draft}]"),
        {},
        ["warning OM111 /spec/modelClaims/models/2/name"],
    ),
    "a draft of itself": (
        playground("modelClaims:\n  models: [{name: a}, {name: a, role: draft}]"),
        {},
        ["warning OM111 /spec/modelClaims/models/1/name"],
    ),
    "another role": (
        playground("modelClaims:\n  models: [{name: a}, {name: b, role: lora}]"),
        {},
        ["warning OM111 /spec/modelClaims/models/1/role"],
    ),
    "both forms": (
        playground("modelClaim: {modelName: a}\nmodelClaims: {models: [{name: a}]}"),
        {},
        ["warning OM111 /spec/modelClaims"],
    ),
    "what is not about models": (playground("modelClaim: {modelName: a}\nbackend: [1, {x: y}]\nyes: no"), {}, []),
    "a Service of Kubernetes": (
        "apiVersion: v1\nkind: Service\nspec: {modelClaim: {modelName: a}}\n",
        {"m": open_model()},
        [],
    ),
}


@pytest.mark.parametrize("text, beside, expected", CLAIMS.values(), ids=CLAIMS.keys())
def test_claims(text, beside, expected):
    assert said(text, "play.yaml", **beside) == expected


def test_syntax_of_a_playground_is_left_to_others():
    assert said(claiming("a") + "  other: [\n", "play.yaml") == []


def test_names_are_told_apart_by_folder():
    files = {
        "a/m.yaml": open_model(HUB, "name: l40s"),
        "b/m.yaml": open_model(HUB, "name: h100"),
        "a/play.yaml": claiming("qwen3-8b", "h100"),
        "b/play.yaml": claiming("qwen3-8b", "h100"),
        "c/play.yaml": claiming("qwen3-8b", "a10"),
    }
    told = {name: [d.code for d in findings(files, name)] for name in files}
    assert told == {"a/m.yaml": [], "b/m.yaml": [], "a/play.yaml": ["OM112"], "b/play.yaml": [], "c/play.yaml": []}


def test_one_name_twice_in_a_folder():
    files = {"a.yaml": open_model(), "b.yaml": open_model()}
    assert [d.code for d in findings(files, "a.yaml")] == ["MS154"]


def test_findings_can_be_kept_quiet():
    text = claiming("qwen3-8").replace("qwen3-8\n", "qwen3-8  # modelspec-ignore: OM110 comes later\n")
    assert said(text, "play.yaml", m=open_model()) == []
    assert said(open_model(metadata="  namespace: x  # modelspec-ignore: OM108 kept by the export\n")) == []


FIXED = {
    "gs": ("uri: 'gs://b/Qwen3-8B'", "gcs://b/Qwen3-8B"),
    "a file": ("uri: 'file:///models/Qwen3-8B'", "host:///models/Qwen3-8B"),
    "a hub": ("uri: 'hf://Qwen/Qwen3-8B@abcdef0'", "{modelID: Qwen/Qwen3-8B, revision: abcdef0}"),
    "a page": ("uri: 'https://huggingface.co/Qwen/Qwen3-8B'", "modelHub: {modelID: Qwen/Qwen3-8B}"),
    "ModelScope": ("uri: 'ms://Qwen/Qwen3-8B'", "{name: ModelScope, modelID: Qwen/Qwen3-8B}"),
}


@pytest.mark.parametrize("source, better", FIXED.values(), ids=FIXED.keys())
def test_addresses_of_other_tools_are_rewritten(source, better):
    text = open_model(source)
    finding = next(d for d in findings({"m.yaml": text}, "m.yaml") if d.code == "OM103")
    after = apply_edits(text, resolve_fix(Document("file:///ws/m.yaml", text), finding.fixes[0]))
    assert better in after
    assert errors(after) == set()
