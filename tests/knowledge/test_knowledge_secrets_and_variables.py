"""What looks like a credential, and what a misspelt variable was meant to be."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelspec_ls.knowledge import secrets, variables
from modelspec_ls.resources import load_package_json

RANDOM = "Zx81Qv0pLk27MnB4ytRw93AsDfGh56JkUe"


@pytest.mark.parametrize(
    "text, kind",
    [
        (f"hf_{RANDOM}", "Hugging Face token"),
        (f"token={'hf_' + RANDOM};", "Hugging Face token"),
        ("AKIAQX7ZLM2PK9WB4RTC", "AWS access key"),
        (f"ghp_{RANDOM}Ab", "GitHub token"),
        (f"glpat-{RANDOM}", "GitLab token"),
        (f"nvapi-{RANDOM}", "NVIDIA API key"),
        (f"sk-proj-{RANDOM}", "API key"),
        (f"AIza{RANDOM}_", "Google API key"),
        (f"xoxb-{RANDOM}", "Slack token"),
        ("-----BEGIN OPENSSH PRIVATE KEY-----", "private key"),
        ("postgres://app:Tr0ub4dor@db/x", "password in a URL"),
        ("hf_short", None),
        (f"hf_{'x' * 34}", None),
        ("sk-learn-model-for-classification-of-support-tickets", None),
        ("risk-adjusted-returns-for-2026-and-the-years-before", None),
        ("postgres://app:$(DB_PASSWORD)@db/x", None),
        ("postgres://app:<password>@db/x", None),
        ("postgres://app@db/x", None),
        ("http://otel-collector:4317", None),
        ("oci://registry.acme.dev/models/m@sha256:" + "0a1b" * 16, None),
        ("hf://meta-llama/Llama-3.1-8B@0123456789abcdef0123456789abcdef01234567", None),
        ("", None),
    ],
)
def test_kind(text, kind):
    assert secrets.kind_of(text) == kind


@given(st.text(max_size=300))
def test_any_text_is_read(text):
    secrets.kind_of(text)
    secrets.literal(text)
    secrets.names_credential(text)


@pytest.mark.parametrize("name", ["HF_TOKEN", "dbPassword", "acme.dev/api-key", "AWS_SECRET_ACCESS_KEY", "TOKEN"])
def test_names_of_credentials(name):
    assert secrets.names_credential(name)


@pytest.mark.parametrize(
    "name", ["TOKENIZERS_PARALLELISM", "HF_TOKEN_PATH", "MAX_TOKENS", "tokenizer", "owner", "keys"]
)
def test_other_names(name):
    assert not secrets.names_credential(name)


@pytest.mark.parametrize(
    "name, engine, meant",
    [
        ("VLLM_LOG_LEVEL", "vllm", "VLLM_LOGGING_LEVEL"),
        ("VLLM_LOGING_LEVEL", "vllm", "VLLM_LOGGING_LEVEL"),
        ("VLLM_LOGGING_LEVEL", "vllm", None),
        ("VLLM_LOGING_LEVEL", "tgi", None),
        ("TOKENIZER_PARALLELISM", "", "TOKENIZERS_PARALLELISM"),
        ("CUDA_VISIBLE_DEVICE", "sglang", "CUDA_VISIBLE_DEVICES"),
        ("HF_TOKENS", "", "HF_TOKEN"),
        ("MY_FLAG", "", None),
        ("VLLM_USE_V2", "vllm", None),
        ("PORT", "", None),
    ],
)
def test_meant(name, engine, meant):
    assert variables.meant(name, engine) == meant


@pytest.mark.parametrize("engine", ["vllm", "sglang"])
def test_every_name_of_an_engine_is_well_formed_and_known(engine):
    own = variables.of_engine(engine)
    assert len(own.names) > 300
    for name in own.names:
        assert re.fullmatch(r"(VLLM|SGLANG|SGL)_[A-Z0-9_]*[A-Z0-9]", name)
        assert variables.meant(name, engine) is None


def test_common_names_are_no_misspellings_of_each_other():
    names = load_package_json("knowledge/data/variables.json")["common"]["names"]
    assert names == sorted(set(names))
    assert all(variables.meant(name, "vllm") is None for name in names)
