"""Any document goes over to the other kind and back; what is gone, new or different is on a list, and no more is."""

import json
import os

import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from modelspec_ls.convert.write import Draft
from modelspec_ls.core.text import apply_edits
from modelspec_ls.ide.formatting import format_document
from modelspec_ls.schema.validate import validate
from support.conversion import OTHER, converted, data, document, refused, unaccounted
from support.workspace import opened

# Some characters for private use are marks of the reader.
LETTERS = st.characters(exclude_categories=("Cs", "Co"))
WORDS = st.one_of(
    st.sampled_from(["chat", "yes", "1.10", "2024-01-01", "0x1f", "a: b", "# no", "null", " e ", "ü-中", "a\nb", "'"]),
    st.text(LETTERS, min_size=1, max_size=12),
)  # fmt: skip
GOOD_KEYS = st.sampled_from(["team", "on", "app.kubernetes.io/name", "llmaz.io/model-family-name", "1"])
KEYS = st.one_of(GOOD_KEYS, st.just("no good"), st.text("abcXYZ019-_./", min_size=1, max_size=10))
URIS = st.sampled_from([
    "hf://Qwen/Qwen3-8B", "hf://Qwen/Qwen3-8B@main", "hf://a/b@refs/pr/3", "hf://a/b@x%2Fy", "hf://a/b:v1",
    "hf://Qwen/Qwen2-0.5B-Instruct-GGUF@abc/qwen2-0_5b-instruct-q5_k_m.gguf", "hf://a/b/sub/", "hf://gpt2",
    "Qwen/Qwen3-8B", "https://huggingface.co/Qwen/Qwen3-8B/tree/main", "https://host/x.gguf", "models:/a/1",
    "s3://bucket/llama-3.3-70b-instruct/v2/", "S3://b/p", "s3://b", "gs://b/p", "gcs://b/p", "oss://b.e/p", "oss://b/p",
    "file:///m/qwen3-8b", "host:///m", "/m/x", "./x", "ollama://llama3.3:70b", "oci://r/x:1", "modelscope://a/b@r",
    "ms://a/b", "modelscope://a/b/x.gguf", "pvc://c/p", "a://b://c", "<uri>", "TheBloke/Llama-2-7B-Chat-GPTQ",
])  # fmt: skip
TYPES = st.one_of(
    st.sampled_from([
        "h100-sxm-80gb", "a100", "a100-80gb", "t4", "NVIDIA-A100-SXM4-80GB", "mi300x", "gaudi2", "tpu-v5e", "trainium2",
        "pool-a100-80gb", "default", "a100-mig-1g.10gb", "my-gpu-x", "ascend-910b", "<accelerator>", "H100",
    ]),
    WORDS,
)  # fmt: skip
VENDORS = st.sampled_from(["nvidia", "NVIDIA", "amd", "intel", "habana", "google", "aws", "huawei", "cpu", "acme"])
SIZES = st.sampled_from(["1", "2", "4", "8", "02", "x", "0", "3"])
INSTANCES = st.sampled_from(["a3-highgpu-4g", "p4d.24xlarge", "g5.xlarge", "none-such"])
FLAVOR_KEYS = [
    "nvidia.com/gpu",
    "amd.com/gpu",
    "cpu",
    "memory",
    "nvidia.com/mig-1g.10gb",
    "habana.ai/gaudi",
    "acme.io/x",
]


def maybe(**fields):
    """A mapping with any of the keys."""
    return st.fixed_dictionaries({}, optional=fields)


FLAVORS = st.lists(
    st.fixed_dictionaries(
        {"name": TYPES},
        optional={
            "limits": st.dictionaries(
                st.sampled_from(FLAVOR_KEYS), st.sampled_from([1, 2, 8, "2", "500m", "16Gi"]), max_size=2
            ),
            "nodeSelector": st.dictionaries(
                st.sampled_from(["nvidia.com/gpu.product", "node.kubernetes.io/instance-type", "zone"]),
                st.sampled_from(["NVIDIA-A100-SXM4-80GB", "Tesla-T4", "p4d.24xlarge", "x"]), max_size=2,
            ),
            "params": maybe(TP=SIZES, PP=SIZES, **{"INSTANCE-TYPE": INSTANCES, "other": WORDS}),
        },
    ),
    min_size=1, max_size=3,
)  # fmt: skip
MODELSPECS = st.fixed_dictionaries({
    "apiVersion": st.just("piqc.ai/v1alpha1"),
    "kind": st.just("ModelSpec"),
    "metadata": st.fixed_dictionaries({"name": WORDS}, optional={
        "version": WORDS, "description": WORDS,
        "labels": st.dictionaries(KEYS, WORDS, max_size=3),
        "annotations": st.one_of(
            st.dictionaries(st.one_of(KEYS, st.sampled_from(["piqc.ai/task", "piqc.ai/version"])), WORDS, max_size=3),
            maybe(**{
                "modelspec/tensor-parallel-size": SIZES, "modelspec/pipeline-parallel-size": SIZES,
                "modelspec/engine": st.sampled_from(["vllm", "sglang==0.4", ""]),
                "llmaz.io/flavors": st.one_of(FLAVORS.map(json.dumps), st.sampled_from(["[", "[]", "[1]"])),
                "llmaz.io/allow-patterns": st.sampled_from(['["*.json"]', '["a","b"]', "x", "[1]"]),
                "llmaz.io/created-at": st.sampled_from(["2024-05-21T10:00:00Z", "today"]),
            }),
        ),
    }),
    "spec": st.fixed_dictionaries({
        "identity": st.fixed_dictionaries({"model": maybe(
            id=st.one_of(st.sampled_from(["qwen3-8b", "llama-3.3-70b-instruct", "own"]), WORDS), family=WORDS,
            task=st.sampled_from(["chat-completion", "embedding"]), framework=st.sampled_from(["vllm", "kserve"]),
            precision=st.sampled_from(["bf16", "gguf-q5_k_m", "gptq-int4", "odd"]),
            artifacts=maybe(modelUri=URIS, tokenizerUri=URIS),
        )}),
        "runtime": maybe(
            accelerator=maybe(vendor=VENDORS, type=TYPES, count=st.sampled_from([1, 2, 4, 7, 16, 0, "two"])),
            batch=maybe(maxBatchSize=st.integers(1, 9), maxSequenceLengthTokens=st.integers(1, 9)),
            environment=maybe(variables=st.dictionaries(st.sampled_from(["A", "B"]), WORDS, max_size=2)),
        ),
    }, optional={
        "operations": maybe(scaling=maybe(minReplicas=st.integers(0, 3)), serving=maybe(port=st.integers(1, 9))),
        "governance": maybe(
            compliance=maybe(governance=maybe(owner=st.one_of(st.just("llmaz"), WORDS), changeApproval=WORDS)),
            cost=maybe(pricingHints=maybe(instanceType=INSTANCES, spotAllowed=st.booleans())),
        ),
        "nonsense": WORDS,
    }),
})  # fmt: skip
HUBS = st.fixed_dictionaries(
    {"modelID": st.sampled_from(["Qwen/Qwen3-8B", "a/b", "gpt2", "Qwen/Qwen2-0.5B-Instruct-GGUF"])},
    optional={
        "name": st.sampled_from(["Huggingface", "ModelScope"]),
        "revision": st.sampled_from(["main", "refs/pr/1", "feature/x", "v1", "a b"]),
        "filename": st.sampled_from(["x-q4_k_m.gguf", "sub/model.safetensors", "no-ending", "folder/"]),
        "allowPatterns": st.lists(WORDS, max_size=2),
        "ignorePatterns": st.lists(WORDS, max_size=2),
    },
)
OPENMODELS = st.fixed_dictionaries({
    "apiVersion": st.just("llmaz.io/v1alpha1"),
    "kind": st.just("OpenModel"),
    "metadata": st.fixed_dictionaries({"name": st.sampled_from(["qwen2-0--5b", "a", "opt-125m"])}, optional={
        "labels": st.dictionaries(GOOD_KEYS, st.text("abc1", max_size=5), max_size=3),
        "annotations": st.one_of(
            st.dictionaries(GOOD_KEYS, WORDS, max_size=2),
            maybe(**{
                "piqc.ai/task": WORDS, "piqc.ai/version": WORDS, "piqc.ai/model-id": st.sampled_from(["qwen3-8b", "x"]),
                "piqc.ai/framework": WORDS, "piqc.ai/precision": st.sampled_from(["bf16", "gguf-q5_k_m"]),
                "llmaz.io/flavors": WORDS, "modelspec/engine": st.sampled_from(["vllm", "sglang==0.4"]),
                "modelspec/tensor-parallel-size": SIZES,
            }),
        ),
        "namespace": st.just("default"), "generation": st.just(3),
    }),
    "spec": st.fixed_dictionaries({
        "familyName": st.sampled_from(["llama3", "qwen2"]),
        "source": st.one_of(
            st.fixed_dictionaries({"modelHub": HUBS}),
            st.fixed_dictionaries({"uri": st.sampled_from([
                "s3://b/llama3", "GCS://b/p", "oss://b.e/p", "host:///m/x", "ollama://llama3.3", "oci://r/x:1"])}),
            st.fixed_dictionaries({"modelHub": HUBS, "uri": st.just("s3://b/p")}),
        ),
    }, optional={
        "inferenceConfig": maybe(flavors=FLAVORS),
        "ownedBy": st.one_of(st.just("llmaz"), WORDS),
        "createdAt": st.sampled_from(["2024-05-21T10:00:00Z", "today"]),
    }),
}, optional={"status": st.just({"conditions": [{"type": "Ready"}]})})  # fmt: skip

# More for a night's search: MODELSPEC_EXAMPLES=5000.
CHEAP = settings(
    suppress_health_check=[HealthCheck.too_slow], max_examples=int(os.environ.get("MODELSPEC_EXAMPLES", "50"))
)


ANY = st.recursive(
    st.one_of(WORDS, st.text(LETTERS, max_size=9), st.integers(), st.booleans(), st.none(), st.floats(allow_nan=False)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(WORDS, inner, max_size=3)),
    max_leaves=8,
)


def written(value):
    draft = Draft()
    draft.put((), value)
    return draft.text()


@CHEAP
@given(st.dictionaries(WORDS, ANY, min_size=1, max_size=3))
def test_what_is_written_is_read_by_both_versions(value):
    text = written(value)
    assert document(text).tree.problems == ()
    assert data(text) == value
    assert yaml.safe_load(text) == value


@CHEAP
@given(MODELSPECS)
def test_a_modelspec_and_back(value):
    assert unaccounted(written(value), "OpenModel") == []


@CHEAP
@given(OPENMODELS)
def test_an_openmodel_and_back(value):
    assert unaccounted(written(value), "ModelSpec") == []


@CHEAP
@given(st.one_of(MODELSPECS, OPENMODELS))
def test_a_result_is_what_the_other_kind_allows_and_formatted(value):
    kind = OTHER[value["kind"]]
    found = converted(written(value), kind)
    own = document(found.text)
    assert apply_edits(found.text, format_document(opened(own, roots=("/ws",)), own.uri)) == found.text
    blanks = {note.path for result in found.results for note in result.notes if note.kind == "unknown"}
    problems = [p for p in validate(kind, data(found.text)) if p.path not in blanks]
    assert problems == []


@CHEAP
@given(MODELSPECS)
def test_llmaz_takes_every_result_that_has_no_placeholders(value):
    found = converted(written(value), "OpenModel")
    blanks = {str(note.path[-1]) for note in found.results[0].notes if note.kind == "unknown"}
    reasons = set(refused(data(found.text)))
    assert reasons <= {{"name": "name", "familyName": "labels"}.get(blank, blank) for blank in blanks}
