"""Rows of a workspace's catalogue, sound ones, and files to put them in."""

MODEL = """\
id: acme/chat-8b
aliases: [acme-chat]
family: llama-3.1
parameters: 8030261248
layers: 32
hidden: 4096
intermediate: 14336
heads: 32
kvHeads: 8
vocab: 128256
contextLength: 8192
dtype: bf16
source: config.json, release 3
date: 2026-11-25
"""
ACCELERATOR = """\
id: acme-card
aliases: [acme-1]
vendor: nvidia
memoryGiB: 39.5
computeCapability: 9.0
source: nvidia-smi on node 7
date: 2026-11-25
"""


def changed(row, **values):
    """A row with some fields exchanged or added; None takes a field away."""
    lines = row.splitlines()
    for field, value in values.items():
        lines = [line for line in lines if not line.startswith(f"{field}:")]
        if value is not None:
            lines.append(f"{field}: {value}")
    return "\n".join(lines) + "\n"


def put(folder, text, name="acme.yaml", kind="models"):
    """Write a file of rows below ``.modelspec`` of a folder; returns its path."""
    place = folder / ".modelspec" / kind
    place.mkdir(parents=True, exist_ok=True)
    path = place / name
    path.write_text(text, encoding="utf-8")
    return path
