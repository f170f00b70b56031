"""Places of keys and values in TOML agree with what the standard library reads."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelspec_ls.syntax.toml import _library, parse_toml

tomllib = _library()
TEXT = '''\ufeff# About
select = ["a", 'b' , # why
  """c
d""",]
"quoted key".'x' = 2024-01-01 10:00:00  # a date
[table]
a.b = 1_000
inline = {x = 1, y.z = [true, {w = -0.5e3}]}
[[list]]
one = "\\u00e9 # no comment"
[[list]]
two = \'\'\'raw\'\'\'
[list.inner]
three = inf
'''


def at(values, path):
    for part in path:
        values = values[part]
    return values


@pytest.mark.parametrize("text", [TEXT, TEXT.replace("\n", "\r\n"), TEXT.replace("\n", "\n\n")])
def test_every_value_is_found_where_it_stands(text):
    toml = parse_toml(text)
    assert toml.fault is None
    for path, (start, end) in toml.items.items():
        source = text[start:end].replace("\r\n", "\n")
        assert tomllib.loads(f"v = {source}")["v"] == at(toml.values, path), path
    paths = set(toml.items)
    assert {
        ("select", 2),
        ("quoted key", "x"),
        ("table", "inline", "y", "z", 1, "w"),
        ("list", 1, "inner", "three"),
    } <= paths
    for path, (start, end) in toml.keys.items():
        if not isinstance(path[-1], int):
            assert text[start:end].strip("\"'") == path[-1]


@pytest.mark.parametrize(
    "text, line, part",
    [
        ("a = \n", 1, "invalid value"),
        ('a = 1\nb = "x\n', 2, ""),
        ("a = 1\na = 2\n", 2, "overwrite"),
        ("[a\n", 1, ""),
        ("\x00", 1, ""),
        ("a = [1,", 1, ""),
    ],
)
def test_a_fault_has_a_place(text, line, part):
    (start, end), message = parse_toml(text).fault
    assert text.count("\n", 0, start) + 1 == line or start == end
    assert part in message.lower() and 0 <= start <= end <= len(text)


@given(st.text(alphabet="ab.=[]{}\"'#\n ,1\\", max_size=40))
def test_any_text_is_read_or_has_a_fault(text):
    toml = parse_toml(text)
    assert toml.fault is not None or all(
        0 <= a <= b <= len(text) for a, b in [*toml.keys.values(), *toml.items.values()]
    )


def test_very_deep_text_is_a_fault():
    assert parse_toml("a = " + "[" * 5000).fault is not None
