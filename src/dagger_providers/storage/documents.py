"""The JSON documents that a store holds: their canonical text, and which format they are in."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from io import BytesIO
from typing import Any

from dagger_providers.errors import CorruptValueError, FormatError, one_line
from dagger_providers.storage.store import Store


def canonical_json(data: Any) -> bytes:
    """Compact UTF-8 JSON in the order given, for documents and digests."""
    return _encode(data).encode("utf-8")


def canonical_list(items: Iterable[Any]) -> bytes:
    """Return `canonical_json` of a list of which only one item is held at a time."""
    text = BytesIO()
    text.write(b"[")
    for at, item in enumerate(items):
        text.write(b"," * (at > 0) + canonical_json(item))
    text.write(b"]")
    return text.getvalue()


_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode


def check_format(document: Any, name: str, major: int, where: str = "the document") -> None:
    """Accept a document of `format` "name/major"; whatever else it holds is the reader's matter.

    Args:
        document: Parsed JSON.
        name: The format's name: "dagger-providers.commit".
        major: The newest major that is read.
        where: What an error calls the document: its location.

    Raises:
        FormatError: It is another kind of document, or of a newer major.
    """
    found = document.get("format") if isinstance(document, Mapping) else None
    kind, _, number = found.rpartition("/") if isinstance(found, str) else ("", "", "")
    if kind != name or not (number.isascii() and number.isdigit()):
        raise FormatError(
            f"{where}: expected format {name}/{major}, got {one_line(repr(found), 60)}"
        )
    if int(number) > major:
        raise FormatError(
            f"{where} is {found}, and this version reads up to {name}/{major}: "
            "upgrade dagger-providers"
        )


def read_document(
    store: Store, path: str, name: str, major: int, parse: Callable[[bytes], Any] = json.loads
) -> dict[str, Any]:
    """Read a document and check its format.

    Args:
        store: Where it lies.
        path: Its path in the store.
        name: See `check_format`.
        major: See `check_format`.
        parse: Reads its text.

    Raises:
        MissingValueError: Nothing is there.
        CorruptValueError: It is no JSON.
        FormatError: It is another kind of document, or of a newer major.
    """
    uri = store.join(path)
    try:
        document = parse(store.read_bytes(path))
    except ValueError as error:
        raise CorruptValueError(f"{uri} is no JSON document: {one_line(error)}") from error
    check_format(document, name, major, uri)
    return dict(document)


def write_document(store: Store, path: str, document: Mapping[str, Any]) -> None:
    """Write a document atomically."""
    store.write_atomic(path, canonical_json(dict(document)))
