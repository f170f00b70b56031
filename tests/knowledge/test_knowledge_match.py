"""Names that people write, and what they mean."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelspec_ls.knowledge import accelerators, packaging
from modelspec_ls.knowledge.match import resolve
from modelspec_ls.knowledge.packaging import read, size
from modelspec_ls.knowledge.references import parse

LLAMA3 = "meta-llama/Meta-Llama-3-8B-Instruct"
LLAMA31 = "meta-llama/Llama-3.1-8B-Instruct"
LLAMA33 = "meta-llama/Llama-3.3-70B-Instruct"
LLAMA2 = "meta-llama/Llama-2-70b-chat-hf"
QWEN25 = "Qwen/Qwen2.5-7B-Instruct"
MISTRAL = "mistralai/Mistral-7B-Instruct-v0.2"

KNOWN = [
    # The repository's own id, in any case, with scheme, revision or page address.
    (LLAMA3, "exact", LLAMA3),
    (LLAMA3.lower(), "exact", LLAMA3),
    (LLAMA3.upper(), "exact", LLAMA3),
    (f" {LLAMA3} ", "exact", LLAMA3),
    (f"hf://{LLAMA3}", "exact", LLAMA3),
    (f"hf://models/{LLAMA3}", "exact", LLAMA3),
    (f"hf://{LLAMA3}@8afb486c1db24fe5011ec46dfbe5b5dccdb575c2", "exact", LLAMA3),
    (f"hf://{LLAMA3}@main/model-00001-of-00004.safetensors", "exact", LLAMA3),
    (f"hf://{LLAMA3}:main", "exact", LLAMA3),
    (f"https://huggingface.co/{LLAMA31}", "exact", LLAMA31),
    (f"https://huggingface.co/{LLAMA31}/tree/main", "exact", LLAMA31),
    ("meta-llama/Meta-Llama-3.1-8B-Instruct", "exact", LLAMA31),
    ("modelscope://qwen/Qwen2.5-7B-Instruct", "exact", QWEN25),
    ("Qwen/Qwen2.5-7B-Instruct-AWQ", "exact", "Qwen/Qwen2.5-7B-Instruct-AWQ"),
    ("gpt2", "exact", "openai-community/gpt2"),
    ("hf://gpt2", "exact", "openai-community/gpt2"),
    ("BAAI/bge-large-en-v1.5", "exact", "BAAI/bge-large-en-v1.5"),
    ("openai/whisper-large-v3", "exact", "openai/whisper-large-v3"),
    ("THUDM/glm-4-9b-chat", "exact", "zai-org/glm-4-9b-chat"),
    ("pvc://claim/meta-llama/Llama-3.1-8B-Instruct", "exact", LLAMA31),
    (
        "/root/.cache/huggingface/hub/models--meta-llama--Llama-2-7b-hf/snapshots/01c7f73d771dfac7d292323805ebc428287df4f9",
        "exact",
        "meta-llama/Llama-2-7b-hf",
    ),
    # Short names.
    ("llama-3-8b-instruct", "alias", LLAMA3),
    ("Llama-3-8B-Instruct", "alias", LLAMA3),
    ("llama3-8b-instruct", "alias", LLAMA3),
    ("Llama 3 8B Instruct", "alias", LLAMA3),
    ("llama_3_8b_instruct", "alias", LLAMA3),
    ("meta-llama-3-8b-instruct", "alias", LLAMA3),
    ("meta-llama/Llama-3-8B-Instruct", "alias", LLAMA3),
    ("meta/llama-3.1-8b-instruct", "alias", LLAMA31),
    ("llama-2-70b-chat", "alias", LLAMA2),
    ("llama-2-70b-chat-hf", "alias", LLAMA2),
    ("meta-llama/Llama-2-70b-chat", "alias", LLAMA2),
    ("meta-llama-2-70b-chat", "alias", LLAMA2),
    ("qwen2.5-7b-instruct", "alias", QWEN25),
    ("qwen2-5-7b-instruct", "alias", QWEN25),
    ("qwen2_5-7b-instruct", "alias", QWEN25),
    ("Qwen-2.5-7B-Instruct", "alias", QWEN25),
    ("gemma-3-4b", "alias", "google/gemma-3-4b-pt"),
    ("glm-4-9b-chat-hf", "alias", "zai-org/glm-4-9b-chat-hf"),
    ("mixtral-8x7b-instruct-v0.1", "alias", "mistralai/Mixtral-8x7B-Instruct-v0.1"),
    ("bge-large-en-v1.5", "alias", "BAAI/bge-large-en-v1.5"),
    ("deepseek-r1", "alias", "deepseek-ai/DeepSeek-R1"),
    ("opt-13b", "alias", "facebook/opt-13b"),
    ("opt-1.3b", "alias", "facebook/opt-1.3b"),
    ("stablelm-2-1_6b", "alias", "stabilityai/stablelm-2-1_6b"),
    # Tags.
    ("llama3.1:8b", "alias", LLAMA31),
    ("llama-3.3:latest", "alias", LLAMA33),
    ("ollama://llama3.3", "alias", LLAMA33),
    ("ollama://llama3.3:70b", "alias", LLAMA33),
    ("llama3.1:8b-instruct-q4_K_M", "repackaged", LLAMA31),
    ("ollama://llama3:70b-instruct-q4_0", "repackaged", "meta-llama/Meta-Llama-3-70B-Instruct"),
    # Object stores, registries and files.
    ("s3://ml-models/llama-2-70b-chat/weights-v3/", "alias", LLAMA2),
    ("s3://ml-models/llama-2-70b-chat/tokenizer-v3/", "alias", LLAMA2),
    ("s3://ml-models/team/llama-2-70b-chat/v3/", "alias", LLAMA2),
    ("s3://ml-models/meta-llama/Llama-3.1-8B-Instruct/main", "exact", LLAMA31),
    ("gs://bucket/models/qwen2.5-7b-instruct/2025-01-01/", "alias", QWEN25),
    ("gcs://bucket/qwen2.5-7b-instruct/latest", "alias", QWEN25),
    ("az://container/qwen2.5-7b-instruct/checkpoint-1000/model.safetensors", "alias", QWEN25),
    ("oss://bucket.endpoint/qwen2.5-7b-instruct/", "alias", QWEN25),
    ("oci://registry.example.com/models/qwen2.5-7b-instruct:v1.2", "alias", QWEN25),
    ("oci://registry.example.com/models/qwen2.5-7b-instruct@sha256:0123abc", "alias", QWEN25),
    ("nvcr.io/nim/meta/llama-3.1-8b-instruct:1.1.0", "alias", LLAMA31),
    ("pvc://claim/qwen2.5-7b-instruct", "alias", QWEN25),
    ("file:///models/Qwen2.5-7B-Instruct", "alias", QWEN25),
    ("/models/Qwen2.5-7B-Instruct", "alias", QWEN25),
    ("models:/qwen2.5-7b-instruct/3", "alias", QWEN25),
    ("s3://bucket/llama-3/8b-instruct/", "alias", LLAMA3),
    ("s3://bucket/Meta-Llama-3-8B-Instruct-Q4_K_M.gguf", "repackaged", LLAMA3),
    # Other people's copies and packings.
    ("unsloth/llama-3-8b-Instruct", "repackaged", LLAMA3),
    ("unsloth/Meta-Llama-3.1-8B-Instruct-bnb-4bit", "repackaged", LLAMA31),
    ("unsloth/Qwen3-8B-unsloth-bnb-4bit", "repackaged", "Qwen/Qwen3-8B"),
    ("TheBloke/Mistral-7B-Instruct-v0.2-GGUF", "repackaged", MISTRAL),
    ("TheBloke/Llama-2-70B-chat-GPTQ", "repackaged", LLAMA2),
    ("bartowski/Meta-Llama-3.1-8B-Instruct-GGUF", "repackaged", LLAMA31),
    ("bartowski/Qwen_Qwen3-8B-GGUF", "repackaged", "Qwen/Qwen3-8B"),
    ("hf.co/bartowski/Llama-3.2-3B-Instruct-GGUF:Q4_K_M", "repackaged", "meta-llama/Llama-3.2-3B-Instruct"),
    ("neuralmagic/Meta-Llama-3.1-8B-Instruct-FP8", "repackaged", LLAMA31),
    ("RedHatAI/Llama-3.3-70B-Instruct-quantized.w4a16", "repackaged", LLAMA33),
    ("nvidia/Llama-3.3-70B-Instruct-FP4", "repackaged", LLAMA33),
    ("hugging-quants/Meta-Llama-3.1-8B-Instruct-AWQ-INT4", "repackaged", LLAMA31),
    ("casperhansen/llama-3.3-70b-instruct-awq", "repackaged", LLAMA33),
    ("mlx-community/Meta-Llama-3-8B-Instruct-4bit", "repackaged", LLAMA3),
    ("solidrust/Qwen2.5-7B-Instruct-AWQ", "repackaged", "Qwen/Qwen2.5-7B-Instruct-AWQ"),
    ("google/gemma-3-27b-it-qat-q4_0-gguf", "repackaged", "google/gemma-3-27b-it"),
    ("llama-3.3-70b-instruct-awq", "repackaged", LLAMA33),
    ("qwen2-0_5b-instruct-q5_k_m.gguf", "repackaged", "Qwen/Qwen2-0.5B-Instruct"),
    ("acme/llama-3-8b-instruct", "repackaged", LLAMA3),
]

# What must not resolve: typos, fine-tunes, generations that do not exist, names that only look alike.
UNKNOWN = [
    ("llama-3-8b-instuct", "size-from-name", "llama-3-8b-instruct"),
    ("lama-3-8b-instruct", "size-from-name", "llama-3-8b-instruct"),
    ("qwen2.5-7b-instrct", "size-from-name", "qwen2.5-7b-instruct"),
    ("meta-llama/Meta-Llama-3-8B-Instuct", "size-from-name", LLAMA3),
    ("acme/Llama-3.1-8B-Instruct-medical", "size-from-name", LLAMA31),
    ("mistral-7b-instruct-v0.9", "size-from-name", "mistral-7b-instruct-v0.2"),
    ("llama-70b", "size-from-name", "llama2-70b"),
    ("qwen-27b", "size-from-name", None),
    ("opt-14b", "size-from-name", None),
    ("acme-13b", "size-from-name", None),
    ("acme/support-8x7b", "size-from-name", None),
    ("acme/internal-30b-a3b", "size-from-name", None),
    ("acme/bloom", "unknown", "bigscience/bloom"),
    ("AI-ModelScope/opt-125", "unknown", "facebook/opt-125m"),
    ("gemma-3-4bit", "unknown", None),
    ("example-llm", "unknown", None),
    ("gpt-4o", "unknown", None),
    ("llama", "unknown", None),
    ("hf://llama", "unknown", None),
    ("s3://llama-2-7b/v3", "unknown", None),
    ("s3://bucket/finetunes/acme-support/v1", "unknown", None),
    ("s3://bucket/llama-2-7b/acme-support/v1", "unknown", None),
    ("models", "unknown", None),
    ("", "unknown", None),
    ("://", "unknown", None),
    ("hf://", "unknown", None),
    ("/", "unknown", None),
    ("{{ model }}", "unknown", None),
]


@pytest.mark.parametrize("text, grade, model_id", KNOWN)
def test_known(text, grade, model_id):
    found = resolve(text)
    assert (found.grade, found.model and found.model.id) == (grade, model_id)
    assert found.suggestion == ()


@pytest.mark.parametrize("text, grade, suggestion", UNKNOWN)
def test_unknown(text, grade, suggestion):
    found = resolve(text)
    assert (found.grade, found.model) == (grade, None)
    if suggestion:
        assert suggestion in found.suggestion
    for name in found.suggestion:
        assert resolve(name).model, name


@pytest.mark.parametrize(
    "text, format_, precision, bits",
    [
        ("m-AWQ", "awq", "awq-int4", 4),
        ("m-AWQ-INT4", "awq", "awq-int4", 4),
        ("m-GPTQ", "gptq", "gptq-int4", 4),
        ("m-GPTQ-Int8", "gptq", "int8-weight-only", 8),
        ("m-GPTQ-4bit-128g", "gptq", "gptq-int4", 4),
        ("m-bnb-4bit", "bitsandbytes", "bnb-nf4", 4),
        ("m-BNB-NF4", "bitsandbytes", "bnb-nf4", 4),
        ("m-bnb-8bit", "bitsandbytes", "int8-weight-only", 8),
        ("m-FP8", "fp8", "fp8", 8),
        ("m-FP8-dynamic", "fp8", "fp8", 8),
        ("m-FP8-KV", "fp8", "fp8", 8),
        ("m-quantized.w8a8", "compressed-tensors", "int8", 8),
        ("m-quantized.w4a16", "compressed-tensors", "int4", 4),
        ("m-w4a16", "compressed-tensors", "int4", 4),
        ("m-NVFP4", "nvfp4", "nvfp4", 4),
        ("m-MXFP4", "mxfp4", "mxfp4", 4),
        ("m-mlx-4bit", "mlx", "int4", 4),
        ("m-int4", None, "int4", 4),
        ("m-4-bit", None, "int4", 4),
        ("m-GGUF", "gguf", None, None),
        ("m.Q4_K_M", "gguf", "gguf-q4_k_m", 4),
        ("m-q8_0", "gguf", "gguf-q8_0", 8),
        ("m-IQ4_XS", "gguf", None, 4),
        ("m-UD-Q4_K_XL", "gguf", None, 4),
        ("m-4.0bpw-exl2", "exl2", None, 4),
        ("m-BF16", None, "bf16", 16),
        ("m-hf", None, None, None),
        ("m-7b-it", None, None, None),
    ],
)
def test_packing_words(text, format_, precision, bits):
    found = read(text)
    assert (found.format, found.precision, found.bits) == (format_, precision, bits)
    assert found.base == ("m" if found.found else text)


@pytest.mark.parametrize(
    "text, format_, precision",
    [
        ("hf://TheBloke/Mistral-7B-Instruct-v0.2-GGUF/mistral-7b-instruct-v0.2.Q4_K_M.gguf", "gguf", "gguf-q4_k_m"),
        ("hf.co/bartowski/Llama-3.2-3B-Instruct-GGUF:Q8_0", "gguf", "gguf-q8_0"),
        ("s3://bucket/llama-2-7b/awq/", "awq", "awq-int4"),
        ("mlx-community/Meta-Llama-3-8B-Instruct-4bit", "mlx", "int4"),
        ("hf://acme/private/model.gguf", "gguf", None),
        ("Qwen/Qwen2.5-7B-Instruct-AWQ", "awq", "awq-int4"),
        ("Qwen/Qwen2.5-7B-Instruct", None, None),
    ],
)
def test_packing_of_references(text, format_, precision):
    found = resolve(text)
    assert (found.format, found.precision) == (format_, precision)


@pytest.mark.parametrize(
    "text, parameters",
    [
        ("acme-13b", 13e9),
        ("my.13b.v2", 13e9),
        ("13B", 13e9),
        ("smol-135m", 135e6),
        ("x-7b1", 7.1e9),
        ("x-1.5b", 1.5e9),
        ("qwen2-0_5b", 0.5e9),
        ("llama_3_8b", 8e9),
        ("mixtral-8x7b", 44.8e9),
        ("qwen3-30b-a3b", 30e9),
        ("granite-1b-a400m", 1e9),
        ("kimi-k2:1t", 1e12),
        ("Qwen2.5-7B-Instruct-1M", 7e9),
        ("tinyllama-1.1b-1431k-3t", 1.1e9),
        ("context-1m", None),
        ("m-4bit", None),
        ("scout-17b-16e", None),
        ("a-8b-distilled-from-70b", None),
        ("opt-125", None),
        ("phi-3-mini-128k", None),
    ],
)
def test_size_in_a_name(text, parameters):
    assert size(text) == parameters


def test_size_is_stated_for_known_models_too():
    assert resolve("llama-2-70b-chat").size_from_name == 70_000_000_000


@pytest.mark.parametrize(
    "text, name, owner, tag",
    [
        ("hf://org/name@rev/path/file.bin", "name", "org", None),
        ("org/name:8b-q4_0", "name", "org", "8b-q4_0"),
        ("name:latest", "name", None, None),
        ("s3://bucket/a/b/v1.2/", "b", "a", None),
        ("s3://bucket", "", None, None),
        ("https://host/path/name.tar.gz?x=1#y", "name", "path", None),
        ("file:///a/name/model-00001-of-00002.safetensors", "name", "a", None),
        ("C:/models/name", "name", "models", None),
    ],
)
def test_references(text, name, owner, tag):
    found = parse(text)
    assert (found.name, found.owner, found.tag) == (name, owner, tag)


@given(st.text(max_size=40) | st.from_regex(r"[a-zA-Z0-9:/@._ -]{0,40}", fullmatch=True))
def test_any_text_is_answered(text):
    found = resolve(text)
    assert (found.model is None) == (found.grade in {"size-from-name", "unknown"})
    assert all(resolve(name).model for name in found.suggestion)
    accelerators.find(text)
    accelerators.find(text, text)


def test_the_endings_by_which_packing_words_are_looked_for_are_those_of_all_of_them():
    data = packaging._data()
    types = [
        f"{prefix}q{bits}{kind}{size}"
        for prefix in ("", "i", "t")
        for bits in range(10)
        for kind in ("", "_0", "_1", "_k")
        for size in ("", "_xxs", "_xs", "_s", "_m", "_l", "_xl", "_nl")
    ]
    words = [*data["formats"], *data["widths"], *data["filler"], *types, "4bpw", "4.65bpw", "8-bpw", "4_bit"]
    found = [word for word in words if packaging._last_word().search(f"model-{word}")]
    assert len(found) > 900
    assert [word for word in found if not f"model-{word}".endswith(packaging._endings())] == []
