"""Patterns mean what Python's engine takes them to mean, and none can run away."""

import contextlib
import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modelspec_ls.policy.globs import name_pattern, path_pattern
from modelspec_ls.policy.limits import Budget, Exhausted
from modelspec_ls.policy.pattern import PatternError, pattern

ATOMS = st.sampled_from(["a", "b", "-", ".", "[ab]", "[^a]", "[a-c-]", r"\d", r"\W", r"\.", "^", "$", "(?:ab)", "1"])


def repeats(inner):
    quantified = st.tuples(inner, st.sampled_from(["*", "+", "?", "{2}", "{0,2}", "{1,}", "*?"])).map(
        lambda pair: f"(?:{pair[0]}){pair[1]}"
    )
    return st.one_of(
        quantified,
        st.lists(inner, max_size=3).map("".join),
        st.tuples(inner, inner).map(lambda p: f"(?:{p[0]}|{p[1]})"),
    )


PATTERNS = st.recursive(ATOMS, repeats, max_leaves=8)


@settings(max_examples=300, deadline=None)
@given(PATTERNS, st.text(alphabet="ab-1.c", max_size=8))
def test_same_as_python(source, text):
    try:
        compiled = pattern(source)
    except PatternError:
        assert "{" in source  # Counted repeats of counted repeats.
        return
    assert compiled.found_in(text, Budget()) == bool(re.search(source.replace("$", r"\Z"), text, re.ASCII)), source


@pytest.mark.parametrize(
    "source",
    ["(a+)+$", "(a|a)*b", "(a*)*(a*)*$", "^(([a-z])+.)+[A-Z]([a-z])+$", "(.*a){20}", "(x+x+)+y", "a?" * 60 + "a" * 60],
)
def test_nothing_runs_away(source):
    started = time.process_time()
    compiled = pattern(source)
    for text in ("a" * 4000 + "!", "x" * 4000, "a" * 100_000):
        with contextlib.suppress(Exhausted):
            compiled.found_in(text, Budget())
    assert time.process_time() - started < 2


def test_work_is_counted():
    with pytest.raises(Exhausted):
        pattern("(?:a|b|[^c]){50}x").found_in("ab" * 2000, Budget(1000))


@pytest.mark.parametrize(
    "source, message, at",
    [
        ("a(b", "a `(` without its `)`", 1),
        ("a)", "a `)` without its `(`", 1),
        ("[a", "a `[` without its `]`", 0),
        ("*a", "nothing stands before `*`", 0),
        ("(?=a)", "only `(…)`", 0),
        (r"(a)\1", r"`\1` is not supported", 3),
        (r"\bword", r"`\b` is not supported", 0),
        ("a{3,2}", "counts backwards", 1),
        ("a{1000}", "at most 100", 1),
        ("(?:a{90}){90}", "too large", 0),
        ("[b-a]", "from a lower to a higher", 0),
        ("a++", "possessive", 2),
        ("a\\", "ends too early", 1),
        ("x" * 600, "500 characters", 0),
        ("(" * 40 + ")" * 40, "nested too deep", 31),
        ("[[:alpha:]]", "named class", 1),
    ],
)
def test_what_is_no_pattern(source, message, at):
    with pytest.raises(PatternError, match=re.escape(message)) as raised:
        pattern(source)
    assert raised.value.at == at


@pytest.mark.parametrize(
    "source, text, found",
    [
        ("(?i)Prod", "my-PROD", True),
        ("(?P<env>prod)", "prod", True),
        ("a{,2}", "a{,2}", True),
        (r"^\A x\z$".replace(" ", ""), "x", True),
        ("é+", "éé", True),
        ("^$", "", True),
        ("a", "b" * 5000 + "a", False),
    ],
)
def test_forms(source, text, found):
    assert pattern(source).found_in(text, Budget()) is found


@pytest.mark.parametrize(
    "glob, path, found",
    [
        ("teams/search/", "teams/search/a.yaml", True),
        ("teams/search/", "x/teams/search/a.yaml", False),
        ("search/", "teams/search/deep/a.yaml", True),
        ("search/", "teams/search", False),
        ("*.modelspec.yaml", "a/b.modelspec.yaml", True),
        ("/*.yaml", "a/b.yaml", False),
        ("teams/*/a.yaml", "teams/x/a.yaml", True),
        ("teams/*/a.yaml", "teams/x/y/a.yaml", False),
        ("teams/**/a.yaml", "teams/x/y/a.yaml", True),
        ("teams/**/a.yaml", "teams/a.yaml", True),
        ("a.b", "axb", False),
    ],
)
def test_paths(glob, path, found):
    assert path_pattern(glob).found_in(path, Budget()) is found


def test_names():
    assert name_pattern("*-batch").found_in("nightly-batch", Budget())
    assert not name_pattern("*-batch").found_in("nightly-batch-2", Budget())
    assert name_pattern("a?c").found_in("abc", Budget())
