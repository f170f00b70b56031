"""Framing: any chunks, any garbage."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelspec_ls.lsp import framing
from modelspec_ls.lsp.framing import MAX_BODY, Framer, TooLarge, frame

BODIES = st.lists(st.binary(max_size=40).filter(lambda b: b"ontent" not in b), max_size=5)


@given(BODIES, st.integers(1, 50))
def test_any_chunks(bodies, size):
    data = b"".join(map(frame, bodies))
    framer, out = Framer(), []
    for i in range(0, len(data), size):
        out += framer.feed(data[i : i + size])
    assert out == bodies


@given(st.binary(max_size=30).filter(lambda b: b"ontent" not in b))
def test_garbage_before_a_header(garbage):
    framer = Framer()
    assert list(framer.feed(garbage + frame(b"{}"))) == [b"{}"]


def test_garbage_does_not_pile_up():
    framer = Framer()
    for _ in range(100):
        assert list(framer.feed(b"x" * 10_000)) == []
        assert len(framer._buffer) <= framing._MAX_HEADER
    assert list(framer.feed(frame(b"1") + frame(b"22"))) == [b"1", b"22"]


def test_too_large_is_skipped_with_its_body():
    framer, size = Framer(), MAX_BODY + 1
    assert list(framer.feed(b"Content-Length: %d\r\n\r\n" % size)) == [TooLarge(size)]
    for _ in range(20):
        assert list(framer.feed(b"y" * 100_000)) == []
    assert list(framer.feed(frame(b"{}"))) == [b"{}"]


def test_other_headers_in_any_order_and_case():
    framer = Framer()
    data = b"Content-Type: a; charset=utf-8\r\ncontent-LENGTH:2\r\nX-Other: b\r\n\r\n{}Content-Length: 1\n\n3"
    assert list(framer.feed(data)) == [b"{}", b"3"]


def test_message_inside_a_body_that_was_too_long():
    framer = Framer()
    bodies = framer.feed(b"Content-Length: 30\r\n\r\n{}" + frame(b"1234567890") + b"....")
    (body,) = [next(bodies)]
    framer.retry(body)
    assert list(bodies) == [b"1234567890"]


LINE = b"Content-Length: 10\r\n"


def read(data, chunk=65_536):
    """The bodies that are JSON, as a connection reads them."""
    framer, out = Framer(), []
    for at in range(0, len(data), chunk):
        for body in framer.feed(data[at : at + chunk]):
            try:
                out.append(json.loads(body))
            except ValueError:
                framer.retry(body)
    return out


@pytest.mark.timeout(30)
@pytest.mark.parametrize(
    "garbage",
    [
        b"\0" * 2**22,
        LINE * 200_000 + b"!\r\n",
        (LINE * 390 + b"!\r\n") * 500,
        (LINE + b"a: b\r\n" * 3_000) * 200,
        b"Content-Length: " * 250_000,
        LINE + b"w" * 2**22 + b"\n",
        b"Content-Length: 30\r\n\r\n" * 100_000 + b" " * 60,
        b"".join(b"Content-Length: %09d\r\n\r\n{" % n for n in range(3_000_000, 100, -30)) + b" " * 200,
    ],
    ids=["zeros", "one header", "headers", "long headers", "no lengths", "no line end", "short lies", "lies in lies"],
)
@pytest.mark.parametrize("chunk", [65_536, 2**20])
def test_garbage_takes_linear_time(garbage, chunk):
    assert read(garbage + frame(b"[1]") + frame(b"[2]"), chunk) == [[1], [2]]


def test_a_header_is_as_long_as_it_may_be():
    fits = LINE.replace(b"10", b"2") + b"X-Other: b\r\n" * 500 + b"\r\n{}"
    assert len(fits) < framing._MAX_HEADER
    assert read(fits, 100) == [{}]
    assert read(LINE.replace(b"10", b"2") + b"X-Other: b\r\n" * 1_000 + b"\r\n{}" + frame(b"[]")) == [[]]


@given(
    st.integers(1, 60), st.lists(st.sampled_from([frame(b"[1]"), LINE, b"Content-Length: 40\r\n\r\n", b"{", b"\r\n"]))
)
def test_the_same_whatever_the_chunks(size, parts):
    data = b"".join(parts)
    assert read(data, size) == read(data)
