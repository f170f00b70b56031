"""How far a word is from another."""

import itertools

from hypothesis import assume, given
from hypothesis import strategies as st

from modelspec_ls.core.words import edit_distance, near


def _plain_distance(a, b):
    """Damerau-Levenshtein with adjacent swaps, as it is defined."""
    rows = [[i + j if not i * j else 0 for j in range(len(b) + 1)] for i in range(len(a) + 1)]
    for i, j in itertools.product(range(1, len(a) + 1), range(1, len(b) + 1)):
        rows[i][j] = min(rows[i - 1][j] + 1, rows[i][j - 1] + 1, rows[i - 1][j - 1] + (a[i - 1] != b[j - 1]))
        if i > 1 and j > 1 and (a[i - 1], a[i - 2]) == (b[j - 2], b[j - 1]):
            rows[i][j] = min(rows[i][j], rows[i - 2][j - 2] + 1)
    return rows[-1][-1]


@given(st.text("abc", max_size=9), st.text("abc", max_size=9), st.integers(0, 4))
def test_distances_are_those_of_the_definition_up_to_the_limit(a, b, limit):
    assert edit_distance(a, b, limit) == min(_plain_distance(a, b), limit + 1)


@given(st.text("abcdefg", min_size=8, max_size=12), st.integers(0, 9), st.integers(0, 3), st.text("abchi", max_size=3))
def test_what_is_near_is_within_two_edits(word, start, length, instead):
    choice = word[:start] + instead + word[start + length :]
    assume(len(choice) > 6)
    assert (near(word, [choice]) == choice) == (edit_distance(word, choice, 2) <= 2)
