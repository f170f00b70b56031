"""One accident in a long valid document: at most two findings, the first of them where it happened."""

from pathlib import Path

import pytest

from modelspec_ls.core.text import LineIndex
from support.specs import diagnose

TEXT = (Path(__file__).parents[2] / "examples" / "08-full-production.modelspec.yaml").read_text(encoding="utf-8")


def swap(old, new):
    """The text with one line changed, and the line's number."""
    assert TEXT.count(old) == 1, old
    return TEXT.replace(old, new), TEXT[: TEXT.index(old)].count("\n")


def dedent(first, last, by):
    """The lines from one to another moved left (or right)."""
    lines = TEXT.splitlines(keepends=True)
    start = next(i for i, line in enumerate(lines) if line.strip() == first)
    end = next(i for i, line in enumerate(lines) if i > start and line.strip() == last)
    for i in range(start, end + 1):
        lines[i] = lines[i][by:] if by > 0 else " " * -by + lines[i]
    return "".join(lines), start


ACCIDENTS = {
    "no space after the colon": swap("      vendor: nvidia", "      vendor:nvidia"),
    "no space after the colon of a number": swap("      count: 4", "      count:4"),
    "no space after a comma's colon": swap("      cpuCores: 32", "      cpuCores:32"),
    "a key without its colon": swap("    resources:", "    resources"),
    "a key without its colon, with a value": swap("      type: h100-sxm-80gb", "      type h100-sxm-80gb"),
    "an open quote": swap('VLLM_LOGGING_LEVEL: "INFO"', 'VLLM_LOGGING_LEVEL: "INFO'),
    "an open single quote": swap('NCCL_DEBUG: "WARN"', "NCCL_DEBUG: 'WARN"),
    "an open bracket": swap("        provider: prometheus", "        provider: [prometheus"),
    "an open brace": swap("        level: info", "        level: {info"),
    "one space too few": swap("      maxBatchSize: 32", "     maxBatchSize: 32"),
    "one space too many": swap("      maxSequenceLengthTokens: 8192", "       maxSequenceLengthTokens: 8192"),
    "one space too many, first of its block": swap("      protocol: http", "       protocol: http"),
    "a key one space too far left": swap("    accelerator:", "   accelerator:"),
    "a dash without its space": swap("        - name: add-citations", "        -name: add-citations"),
    "a tab": swap("      memoryGb: 256", "\tmemoryGb: 256"),
    "a stray percent sign": swap("    scaling:", "%   scaling:"),
    "a stray bracket": swap("      port: 8000\n      readinessProbe:", "      port: 8000]\n      readinessProbe:"),
    "a block moved left": dedent("serving:", "timeoutSeconds: 180", 2),
    "a block moved right": dedent("retention:", "artifactsDays: 90", -2),
    "a duplicate key": swap("        artifactsDays: 90", "        artifactsDays: 90\n        logsDays: 7"),
    "a key half typed": swap("    resources:", "    batc\n    resources:"),
    "a key half typed at the end": (f"{TEXT}  gov\n", TEXT.count("\n")),
    "a value half typed": swap("      strategy: reactive", "      strategy: reac"),
    "a value not typed": swap("      family: llama-3.3", "      family:"),
    "a template": swap("      family: llama-3.3", "      family: {{ .Values.family }}"),
    "a template line": swap("  operations:\n", "  {{- if .Values.ops }}\n  operations:\n"),
    "a conflict": swap(
        "      minReplicas: 2\n",
        "<<<<<<< HEAD\n      minReplicas: 2\n=======\n      minReplicas: 3\n>>>>>>> other\n",
    ),
    "a line of prose": swap("  pipeline:\n", "  and then there is this\n  pipeline:\n"),
    "an unknown key": swap("        owner: ml-platform-team", "        ownr: ml-platform-team"),
    "a list for a mapping": swap("        size: 1\n", "        - size: 1\n"),
    "a number with a unit": swap("      memoryGb: 256", "      memoryGb: 256Gi"),
}
# Lines from the accident to the finding: to the repetition, and to the key that wants a mapping.
ELSEWHERE = {"a duplicate key": 1, "a list for a mapping": -3}


@pytest.mark.parametrize("eol", ["\n", "\r\n"], ids=["LF", "CRLF"])
@pytest.mark.parametrize("name", ACCIDENTS)
def test_accident(name, eol):
    text, line = ACCIDENTS[name]
    text = text.replace("\n", eol)
    index = LineIndex(text)
    found = diagnose(text)
    shown = [f"{index.line_of(d.span.start) + 1}: {d.code} {d.message}" for d in found]
    assert 1 <= len(found) <= 2, shown
    assert index.line_of(found[0].span.start) == line + ELSEWHERE.get(name, 0), (line + 1, shown)


def test_nothing_without_an_accident():
    assert diagnose(TEXT) == ()
