"""What is kept of a task's result."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from dagger_providers.errors import UnknownReferenceError
from dagger_providers.model.frozen import Frozen
from dagger_providers.model.names import listed
from dagger_providers.model.values import JSON_SPEC, Path, Spec, Step

if TYPE_CHECKING:
    from dagger_providers.model.nodes import Task


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


def part_of_task(task: Task, path: Path) -> tuple[str, Path]:
    """Return the output of a task that holds a part of its result, and the rest of the path.

    Raises:
        UnknownReferenceError: No output holds it.
    """
    found = [(name, o.path) for name, o in task.outputs.items() if o.path == path[: len(o.path)]]
    if not found:
        shown = "".join(f"[{name!r}]" for _, name in path) or "as a whole"
        raise UnknownReferenceError(
            f"task {task.function} is read {shown}, which it does not keep; its outputs: "
            f"{listed(task.outputs)}"
        )
    name, begin = max(found, key=lambda entry: len(entry[1]))
    return name, path[len(begin) :]


def part_of_outputs(pipeline: str, outputs: Iterable[str], path: Path) -> tuple[str, Path]:
    """Return the output of a pipeline that holds a part of its result, and the rest of the path.

    Raises:
        UnknownReferenceError: There is none.
    """
    names = list(outputs)
    if names == ["return_value"]:
        return "return_value", path
    if path and path[0][1] in names:
        return str(path[0][1]), path[1:]
    what = f"[{path[0][1]!r}]" if path else "as a whole"
    raise UnknownReferenceError(
        f"pipeline {pipeline!r} is read {what}; it gives: {listed(names)}; read one of these by "
        "its key"
    )
