"""What a commit record says of one output: where it lies, its identity and its parts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

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
    parts: tuple[Artifact, ...] | None = None

    @property
    def name(self) -> str:
        """Its last name: what `partitions.json` lists."""
        return self.uri.rpartition("/")[2]

    def at(self, uri: str) -> Artifact:
        """The same artifact at another place."""
        parts = self.parts
        moved = {
            "uri": uri,
            "parts": None
            if parts is None
            else tuple(part.at(uri + part.uri.removeprefix(self.uri)) for part in parts),
        }
        return replace(self, **moved)

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

        Raises:
            FormatError: A field is missing or of another type.
        """
        try:
            serializer = SerializerSpec.from_json(document["serializer"])
            return _read(document, str(document["uri"]), serializer)
        except (KeyError, TypeError, ValueError) as error:
            raise FormatError(f"no artifact: {type(error).__name__} {error}") from error


def _read(document: Mapping[str, Any], uri: str, serializer: SerializerSpec) -> Artifact:
    parts = document.get("parts")
    return Artifact(
        uri=uri,
        sha256=str(document["sha256"]),
        size=int(document["size"]),
        serializer=serializer,
        kind=_KINDS[document.get("kind", "value")],
        parts=None
        if parts is None
        else tuple(_read(part, f"{uri}/{part['name']}", serializer) for part in parts),
    )
