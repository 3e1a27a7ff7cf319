"""What is kept of a task's result."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from dagger_providers.model.frozen import Frozen
from dagger_providers.model.values import JSON_SPEC, Spec, Step


class FromReturnValue(Frozen):
    """The whole return value of a task.

    Attributes:
        serializer: What writes it.
        partitioned: Whether it is written item by item, each item on its own.
    """

    kind: Literal["return_value"] = "return_value"
    serializer: Spec = JSON_SPEC
    partitioned: bool = False

    @property
    def path(self) -> tuple[Step, ...]:
        """Steps from the return value to this output."""
        return ()


class FromKey(Frozen):
    """A key of the mapping that a task returns.

    Attributes:
        name: The key; an int is a position of a sequence.
        of: The part that has the key, when it is not the return value itself.
        serializer: What writes it.
        partitioned: Whether it is written item by item.
    """

    kind: Literal["key"] = "key"
    name: str | int
    of: Part | None = None
    serializer: Spec = JSON_SPEC
    partitioned: bool = False

    def __init__(self, name: str | int, **values: Any) -> None:
        super().__init__(name=name, **values)

    @property
    def path(self) -> tuple[Step, ...]:
        """Steps from the return value to this output."""
        return (*(self.of.path if self.of else ()), ("key", self.name))


class FromProperty(Frozen):
    """An attribute of what a task returns; see `FromKey`."""

    kind: Literal["property"] = "property"
    name: str
    of: Part | None = None
    serializer: Spec = JSON_SPEC
    partitioned: bool = False

    def __init__(self, name: str, **values: Any) -> None:
        super().__init__(name=name, **values)

    @property
    def path(self) -> tuple[Step, ...]:
        """Steps from the return value to this output."""
        return (*(self.of.path if self.of else ()), ("attribute", self.name))


Part = Annotated[FromKey | FromProperty, Field(discriminator="kind")]
FromKey.model_rebuild()
FromProperty.model_rebuild()
Output = Annotated[FromReturnValue | FromKey | FromProperty, Field(discriminator="kind")]
