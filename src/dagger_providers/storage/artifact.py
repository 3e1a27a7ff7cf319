"""What a commit record says of one output: where it lies, its identity and its parts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from io import BytesIO
from typing import Any, Literal, TypeAlias, overload

from dagger_providers.errors import FormatError
from dagger_providers.serializers.records import Record, replace
from dagger_providers.serializers.spec import SerializerSpec

Kind: TypeAlias = Literal["value", "partitioned", "directory"]

_KINDS: dict[str, Kind] = {
    "value": "value",
    "partitioned": "partitioned",
    "directory": "directory",
}


class Artifact(Record):
    """One stored value.

    Attributes:
        uri: Its path in the store that it was written to, so that a store can be moved; absolute
            only when it was written to a location of its own. A run's commit record may name data
            of another run beside it: `../<run id>/nodes/...`.
        sha256: Its identity in hex: the digest of a file's bytes, `identity_of_list` of a
            partitioned value, `identity_of_directory` of a directory. Empty when it was never
            measured: a file at a plain location, which is read unchecked.
        size: Bytes, of all parts together.
        serializer: How it is, or its items are, written.
        kind: `value` is one file, `partitioned` a list written item by item, `directory` a tree
            of files that is one value.
        parts: The items of a partitioned value, in order; the files of a directory by name; None
            for a value.
    """

    uri: str
    sha256: str
    size: int
    serializer: SerializerSpec
    kind: Kind = "value"
    parts: Parts | None = None

    @property
    def name(self) -> str:
        """Its last name: what `partitions.json` lists."""
        return self.uri.rpartition("/")[2]

    def at(self, uri: str) -> Artifact:
        """The same artifact at another place."""
        parts = self.parts
        if isinstance(parts, Numbered):
            parts = replace(parts, uri=uri)
        elif parts is not None:
            parts = tuple(part.at(uri + part.uri.removeprefix(self.uri)) for part in parts)
        return replace(self, uri=uri, parts=parts)

    def to_json(self) -> dict[str, Any]:
        """Its JSON form; a part says only its name, digest and size."""
        return {"uri": self.uri, "serializer": self.serializer.to_json(), **self._content()}

    def _content(self) -> dict[str, Any]:
        document: dict[str, Any] = {"sha256": self.sha256, "size": self.size}
        if self.kind != "value":
            document["kind"] = self.kind
        if self.parts is not None:
            prefix = f"{self.uri}/"
            document["parts"] = [
                {"name": part.uri.removeprefix(prefix), **part._content()} for part in self.parts
            ]
        return document

    @classmethod
    def from_json(cls, document: Any) -> Artifact:
        """Read what `to_json` wrote; unknown fields are ignored.

        The parts may be the rows of `Numbered` instead of a list.

        Raises:
            FormatError: A field is missing or of another type.
        """
        try:
            serializer = SerializerSpec.from_json(document["serializer"])
            return _read(document, str(document["uri"]), serializer)
        except (KeyError, TypeError, ValueError) as error:
            raise FormatError(f"no artifact: {type(error).__name__} {error}") from error


class Numbered(Record, Sequence[Artifact]):
    """The parts of a long list: files `0`, `1`, ..., each an artifact when it is asked for.

    A list may have very many, and an artifact takes ten times the memory of a row.

    Attributes:
        uri: The folder that they lie in.
        serializer: How each is written.
        rows: For each the 32 bytes of its sha256, and its size in 8 bytes.
    """

    uri: str
    serializer: SerializerSpec
    rows: bytes

    def __len__(self) -> int:
        return len(self.rows) // _ROW

    @overload
    def __getitem__(self, at: int) -> Artifact: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[Artifact, ...]: ...
    def __getitem__(self, at: int | slice) -> Artifact | tuple[Artifact, ...]:
        if isinstance(at, slice):
            return tuple(map(self.__getitem__, range(*at.indices(len(self)))))
        position = range(len(self))[at]
        content = _content(self.rows, position * _ROW)
        return Artifact(f"{self.uri}/{position}", *content, self.serializer, "value", None)


Parts: TypeAlias = tuple[Artifact, ...] | Numbered

_DIGEST = 32
_ROW = _DIGEST + 8


def row(sha256: str, size: int) -> bytes:
    """What `Numbered` holds of a part.

    Raises:
        ValueError: That is no digest.
        OverflowError: That is no size.
    """
    digest = bytes.fromhex(sha256)
    if digest.hex() != sha256 or len(digest) != _DIGEST:
        raise ValueError(f"expected a digest of 64 hex digits, got {sha256!r:.90}")
    return digest + size.to_bytes(_ROW - _DIGEST, "big")


def _content(rows: bytes, at: int) -> tuple[str, int]:
    end = at + _DIGEST
    return rows[at:end].hex(), int.from_bytes(rows[end : at + _ROW], "big")


def packed(uri: str, serializer: SerializerSpec, parts: Iterable[Artifact]) -> Parts:
    """Take the parts in a folder one by one, and hold them as `Numbered` if they can be."""
    rows = BytesIO()
    rest = iter(parts)
    for at, part in enumerate(rest):
        found = _row_of(part, f"{uri}/{at}", serializer)
        if found is None:
            return (*Numbered(uri, serializer, rows.getvalue()), part, *rest)
        rows.write(found)
    return Numbered(uri, serializer, rows.getvalue())


def _row_of(part: Artifact, uri: str, serializer: SerializerSpec) -> bytes | None:
    if (part.uri, part.kind) != (uri, "value") or part.serializer != serializer:
        return None
    try:
        return row(part.sha256, part.size)
    except (ValueError, OverflowError):
        return None


def names(parts: Parts) -> Iterator[str]:
    """Yield the name of each part, without an artifact for it where it is `Numbered`."""
    if isinstance(parts, Numbered):
        return map(str, range(len(parts)))
    return (part.name for part in parts)


def contents(parts: Parts) -> Iterator[tuple[str, int]]:
    """Yield the sha256 and the size of each part, without an artifact as `names` does."""
    if isinstance(parts, Numbered):
        return (_content(parts.rows, at) for at in range(0, len(parts.rows), _ROW))
    return ((part.sha256, part.size) for part in parts)


def _read(document: Mapping[str, Any], uri: str, serializer: SerializerSpec) -> Artifact:
    return Artifact(
        uri=uri,
        sha256=str(document["sha256"]),
        size=int(document["size"]),
        serializer=serializer,
        kind=_KINDS[document.get("kind", "value")],
        parts=_read_parts(document.get("parts"), uri, serializer),
    )


def _read_parts(parts: Any, uri: str, serializer: SerializerSpec) -> Parts | None:
    if parts is None:
        return None
    if isinstance(parts, bytes):
        return Numbered(uri, serializer, parts)
    read = (_read(part, f"{uri}/{part['name']}", serializer) for part in parts)
    return packed(uri, serializer, read)
