"""Where a node's inputs and a pipeline's outputs come from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import Field, PlainSerializer, PlainValidator, WithJsonSchema

from dagger_providers.card import Stored
from dagger_providers.card.artifacts import artifact_at
from dagger_providers.model.frozen import Frozen
from dagger_providers.model.json_data import freeze, same_data, thaw
from dagger_providers.serializers import SerializerSpec

Json = Annotated[
    Any, PlainValidator(freeze), PlainSerializer(thaw), WithJsonSchema({"title": "JSON"})
]
"""Any JSON value, held immutably."""


def _read_spec(value: Any) -> Any:
    if isinstance(value, SerializerSpec):
        return value
    return SerializerSpec.from_json(thaw(value) if isinstance(value, Mapping) else value)


Spec = Annotated[
    SerializerSpec,
    PlainValidator(_read_spec),
    PlainSerializer(lambda spec: spec.to_json()),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string"},
                {
                    "type": "object",
                    "required": ["name"],
                    "properties": {
                        "name": {"type": "string"},
                        "options": {"type": "object"},
                        "annotation": {"type": "string"},
                    },
                },
            ]
        }
    ),
]
"""A serializer by name, with its options."""

JSON_SPEC = SerializerSpec("json")

Step = tuple[Literal["key", "attribute"], str | int]
Path = tuple[Step, ...]
"""Steps into a value: ``("key", "a")``, ``("key", 0)``, ``("attribute", "name")``."""


class FromParam(Frozen):
    """The value of a parameter of the pipeline.

    Attributes:
        name: The parameter; by default called like the input that reads it.
        required: Whether a caller must give it.
        default: What it is when a caller does not: JSON data.
        serializer: How the value is written where it must travel.
        json_schema: The JSON Schema of the values that it takes.
        description: A line for people.
        path: Steps into the value.
    """

    kind: Literal["param"] = "param"
    name: str | None = None
    required: bool = True
    default: Json = None
    serializer: Spec = JSON_SPEC
    json_schema: Json = None
    description: str = ""
    path: Path = ()

    def __init__(self, name: str | None = None, **values: Any) -> None:
        if "default" in values:
            values["required"] = False
        super().__init__(name=name, **values)

    def __eq__(self, other: object) -> bool:
        return super().__eq__(other) and same_data(self.default, other.default)  # type: ignore[attr-defined]

    __hash__ = Frozen.__hash__


class FromNodeOutput(Frozen):
    """An output of another node of the same pipeline.

    Attributes:
        node: The node's name.
        output: The output's name.
        serializer: What the reader expects; by default what the output says.
        path: Steps into the value, taken by the reader.
    """

    kind: Literal["node"] = "node"
    node: str
    output: str = "return_value"
    serializer: Spec | None = None
    path: Path = ()

    def __init__(self, node: str, output: str = "return_value", **values: Any) -> None:
        super().__init__(node=node, output=output, **values)


class FromItem(Frozen):
    """The current item of a loop that the node runs in.

    Attributes:
        loop: The loop's name.
        path: Steps into the item.
    """

    kind: Literal["item"] = "item"
    loop: str
    path: Path = ()

    def __init__(self, loop: str, **values: Any) -> None:
        super().__init__(loop=loop, **values)


class FromValue(Frozen):
    """A literal: JSON data that stands in the pipeline itself."""

    kind: Literal["value"] = "value"
    value: Json

    def __init__(self, value: Any, **values: Any) -> None:
        super().__init__(value=value, **values)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, FromValue) and same_data(self.value, other.value)

    __hash__ = Frozen.__hash__


class FromArtifact(Frozen):
    """A value that lies at a location of its own, where no node has written it.

    Attributes:
        uri: A path or an fsspec URI; a relative path is relative to the working folder.
        sha256: The identity that it must have, in hex; empty: it is read unchecked.
        serializer: What it is written by; by default what the ending of its name tells.
        path: Steps into the value.

    Raises:
        ModelError: Nothing says what it is written by, it is a pickle without a sha256, or its URI
            holds a password.
    """

    kind: Literal["artifact"] = "artifact"
    uri: str
    sha256: str = ""
    serializer: Spec | None = None
    path: Path = ()

    def __init__(self, uri: str, **values: Any) -> None:
        super().__init__(uri=uri, **values)
        found = artifact_at(self.uri, self.sha256, self.serializer)
        self.__dict__.update(sha256=found.sha256, serializer=found.serializer)

    @property
    def stored(self) -> Stored:
        """Where it lies, as a card says it."""
        assert self.serializer is not None  # noqa: S101 - whoever made it saw to one
        return Stored(self.uri, self.sha256, self.serializer, path=self.path)

    @classmethod
    def of(cls, stored: Stored, path: Path = ()) -> Self:
        """Return the input that reads a part of what `artifact_at` found to be good."""
        return cls.trusted(
            uri=stored.uri, sha256=stored.sha256, serializer=stored.serializer, path=path
        )


class FromRecord(Frozen):
    """The record of a run, or of the part that a nested pipeline has of it: what a hook gets."""

    kind: Literal["record"] = "record"


class ForEach(Frozen):
    """Elements that a list has once for every item of a loop.

    Attributes:
        loop: The loop's name.
        items: What stands in the list for each item, in order.
    """

    kind: Literal["each"] = "each"
    loop: str
    items: tuple[Element, ...]

    def __init__(self, loop: str, items: Any, **values: Any) -> None:
        super().__init__(loop=loop, items=items, **values)


class FromList(Frozen):
    """A list of other inputs: a fan-in."""

    kind: Literal["list"] = "list"
    items: tuple[Element, ...]

    def __init__(self, items: Any, **values: Any) -> None:
        super().__init__(items=items, **values)


Input = Annotated[
    FromParam | FromNodeOutput | FromItem | FromValue | FromList | FromRecord | FromArtifact,
    Field(discriminator="kind"),
]
Element = Annotated[
    FromParam
    | FromNodeOutput
    | FromItem
    | FromValue
    | FromList
    | FromRecord
    | FromArtifact
    | ForEach,
    Field(discriminator="kind"),
]
ForEach.model_rebuild()
FromList.model_rebuild()


class Loop(Frozen):
    """An axis: what a loop runs over.

    Attributes:
        over: The list whose items it takes.
        zips: Instead of ``over``: loops that this one runs in step, joined ones too; they must be
            equally long.
        within: The loops around it, outermost first.
    """

    over: Input | None = None
    zips: tuple[str, ...] = ()
    within: tuple[str, ...] = ()

    def __init__(self, over: Any = None, **values: Any) -> None:
        super().__init__(over=over, **values)
