"""Whether a range of the protocol lies in a text."""

import re

_LINE_END = re.compile(r"\r\n|\r|\n")
_WIDTH = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2), "utf-32": ("utf-32-le", 4)}


def check_range(r, lines, encoding):
    """Both ends lie in the text (given by its lines), between two characters, the start before the end."""
    for end in (r["start"], r["end"]):
        assert 0 <= end["line"] < len(lines), "line outside the text"
        codec, width = _WIDTH[encoding]
        data = lines[end["line"]].encode(codec, "surrogatepass")
        assert 0 <= end["character"] * width <= len(data), "character past the line's end"
        data[: end["character"] * width].decode(codec, "surrogatepass")
    first, last = ((r[k]["line"], r[k]["character"]) for k in ("start", "end"))
    assert first <= last, "start after end"


def lines_of(text):
    """As the protocol counts them."""
    return _LINE_END.split(text)


def check_ranges(value, uri, lines, encoding):
    """Every range of a document, wherever it stands in an answer, lies in its text."""
    if isinstance(value, list):
        for item in value:
            check_ranges(item, uri, lines, encoding)
    elif isinstance(value, dict) and value.get("uri", value.get("textDocument", {}).get("uri", uri)) == uri:
        if set(value) == {"start", "end"}:
            check_range(value, lines, encoding)
        else:
            for item in value.values():
                check_ranges(item, uri, lines, encoding)
