"""Policies from a few lines, and what they say of a spec."""

import textwrap

from modelspec_ls.analysis import check_document
from modelspec_ls.core.config import Config
from support.build import build, text_of
from support.workspace import folder

HEAD = """\
apiVersion: modelspec-policy/v1alpha1
kind: ModelSpecPolicy
metadata:
  name: acme
spec:
"""


def policy(body):
    """A whole policy from what stands below ``spec``."""
    return HEAD + textwrap.indent(textwrap.dedent(body), "  ")


def asking(field, matchers, sort="require", **more):
    """A policy with one rule on one field."""
    lines = ["rules:", "  - name: the-rule"]
    lines += [f"    {key}: {value}" for key, value in more.items()]
    return policy("\n".join([*lines, f"    {sort}:", f"      {field}: {matchers}", ""]))


def spec_of(**changes):
    """A small valid spec as YAML, with some fields changed."""
    return text_of(build(**changes))


def findings(text, policies, config=None, name="spec.modelspec.yaml"):
    """All findings of a spec beside a policy, or beside several files."""
    files = {"modelspec-policy.yaml": policies} if isinstance(policies, str) else policies
    return check_document(folder({name: text, **files}, config=config or Config()), f"file:///ws/{name}")


def said(text, policies, config=None):
    """``severity rule pointer`` of what policies say of a spec."""
    found = findings(text, policies, config)
    return [f"{d.severity.label} {d.name} {d.pointer}" for d in found if d.said is not None]


def wrong(text):
    """``severity message`` of what is wrong in a policy."""
    found = check_document(folder({"modelspec-policy.yaml": text}), "file:///ws/modelspec-policy.yaml")
    return [(d.severity.label, d.code, text[slice(*d.span)], d.message) for d in found]
