import pickle

import pytest

from dagger_providers.errors import DeserializationError, SerializationError


def test_text_keeps_its_newlines(survives):
    assert survives("a\r\nb\n\u00e9", spec="text") == b"a\r\nb\n\xc3\xa9"
    assert survives("", spec="text") == b""


def test_text_is_text(write, read):
    with pytest.raises(SerializationError, match="expected str, got int"):
        write(3, "text")
    with pytest.raises(SerializationError, match="surrogates"):
        write("\udc80", "text")
    with pytest.raises(DeserializationError, match="expected UTF-8"):
        read(b"\xff", "text")


def test_bytes_are_as_they_are(survives, write):
    assert survives(b"\x00\xff", spec="bytes") == b"\x00\xff"
    assert write(bytearray(b"ab"), "bytes") == b"ab"
    assert write(memoryview(b"abcd")[::2], "bytes") == b"ac"
    with pytest.raises(SerializationError, match="expected bytes, got str"):
        write("x", "bytes")


class Unpicklable:
    def __reduce__(self):
        raise RuntimeError("not\nme")


def test_pickle_has_a_fixed_protocol(survives):
    data = survives({"a": (1, {2})}, spec="pickle")
    assert data[:2] == b"\x80\x05"
    assert pickle.loads(data) == {"a": (1, {2})}


def test_what_pickle_refuses_is_told_with_its_cause(write, read):
    with pytest.raises(SerializationError, match="cannot pickle Unpicklable: not me") as caught:
        write(Unpicklable(), "pickle")
    assert isinstance(caught.value.__cause__, RuntimeError)
    with pytest.raises(SerializationError, match="cannot pickle function"):
        write(lambda: 0, "pickle")
    with pytest.raises(DeserializationError, match="expected a pickle: EOFError") as caught:
        read(b"", "pickle")
    assert isinstance(caught.value.__cause__, EOFError)
