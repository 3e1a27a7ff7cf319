"""What a recording holds: calls and loops, with the passes of loops left out."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from dagger_providers.dsl.decorators import Recordable
from dagger_providers.dsl.references import Passes, Tree
from dagger_providers.errors import BuildError


@dataclass(slots=True)
class Record:
    """A call or a loop; it must have happened once in every combination of its loops' passes.

    Attributes:
        serial: When it first happened; the same in every recording of the same code.
        within: The loops that it runs in, outermost first.
        keys: The axes whose passes tell its instances apart.
        instances: The combinations of passes of ``keys`` in which it happened.
    """

    serial: int
    within: tuple[int, ...]
    keys: tuple[int, ...]
    instances: set[tuple[int, ...]]


@dataclass(slots=True)
class NodeRecord(Record):
    """A call.

    Attributes:
        function: What was called.
        inputs: For each argument, where it comes from.
        after: Numbers of the nodes that it runs after.
    """

    function: Recordable[..., Any]
    inputs: dict[str, Tree]
    after: tuple[int, ...]


@dataclass(slots=True)
class AxisRecord(Record):
    """A loop.

    Attributes:
        over: Where the list comes from; None when it joins others.
        source: The same for loops over lists that are surely equally long.
        zips: The axes that run in step under this one.
    """

    over: Tree | None
    source: int = -1
    zips: tuple[int, ...] = ()


Named: TypeAlias = "int | tuple[Named, ...]"
"""A loop as every recording of the same code names it: by its serial, or by those that it joins."""

Ties = tuple[tuple[Named, ...], ...]
"""Loops that run in step, those that do so together."""


@dataclass(frozen=True, slots=True)
class Insight:
    """What earlier recordings of the same code have shown; events are named by their serial.

    Attributes:
        zips: Loops that lead a `zip` of references.
        ties: For calls and loops in several loops that run in step, which these are.
        inside: For calls and loops that Python ran once for each result in a list, the pass of
            that list's loop.
    """

    zips: frozenset[int] = frozenset()
    ties: Mapping[int, Ties] = field(default_factory=dict)
    inside: Mapping[int, Passes] = field(default_factory=dict)


class RecordAgain(BaseException):
    """The recording has shown something that it should have known from the start."""

    def __init__(self, insight: Insight) -> None:
        super().__init__("record again")
        self.insight = insight


class Captured:
    """A literal argument as it was at the call; compares by type and value."""

    __slots__ = ("_text", "value")

    def __init__(self, value: Any) -> None:
        try:
            self.value = deepcopy(value)
        except BuildError:
            raise
        except Exception:
            self.value = value
        self._text = repr(self.value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Captured) and self._text == other._text

    def __hash__(self) -> int:
        return hash(self._text)
