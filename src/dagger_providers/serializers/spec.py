"""Names a serializer and its options as plain, hashable data that fits in a document."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from dagger_providers.errors import FormatError
from dagger_providers.serializers.records import Record

JsonScalar: TypeAlias = bool | int | float | str | None
"""What an option may hold."""


class SerializerSpec(Record):
    """Which serializer writes a value; compared whole at both ends of an edge.

    Attributes:
        name: A built-in ("json", "parquet", ...) or a custom one as "module:Class".
        options: Its options, kept sorted by name so that equality does not depend on order.
        annotation: Where the Python annotation that JSON restores lies, as
            "module:function#return". Only carried here; higher layers resolve it.
    """

    name: str
    options: tuple[tuple[str, JsonScalar], ...] = ()
    annotation: str | None = None

    def __init__(
        self,
        name: str,
        options: Iterable[tuple[str, JsonScalar]] = (),
        annotation: str | None = None,
    ) -> None:
        super().__init__(name, tuple(sorted(options)), annotation)

    def option(self, name: str, default: JsonScalar = None) -> JsonScalar:
        """The option `name`, or `default` when it is not set."""
        return dict(self.options).get(name, default)

    def to_json(self) -> str | dict[str, Any]:
        """Its JSON form: the bare name when there is nothing else to say."""
        if not self.options and self.annotation is None:
            return self.name
        document: dict[str, Any] = {"name": self.name}
        if self.options:
            document["options"] = dict(self.options)
        if self.annotation is not None:
            document["annotation"] = self.annotation
        return document

    @classmethod
    def from_json(cls, document: Any) -> SerializerSpec:
        """Read what `to_json` wrote; unknown fields are ignored.

        Raises:
            FormatError: It is neither a name nor a mapping with one.
        """
        match document:
            case str():
                return cls(document)
            case {"name": str(name), **rest}:
                options = rest.get("options") or {}
                if not isinstance(options, Mapping):
                    raise FormatError(f"options of serializer {name!r} are no mapping")
                annotation = rest.get("annotation")
                address = None if annotation is None else str(annotation)
                return cls(name, tuple(options.items()), address)
            case _:
                raise FormatError(f"expected a serializer's name or mapping, got {document!r:.80}")
