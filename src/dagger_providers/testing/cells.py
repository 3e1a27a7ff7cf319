"""One pipeline on one runtime, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

Status: TypeAlias = Literal["equal", "equal_value", "different", "refused", "failed"]


@dataclass(frozen=True, slots=True)
class Case:
    """A pipeline to compare, with parameters of its own.

    Attributes:
        ref: The pipeline, as ``FILE.py[:NAME]`` or ``module[:NAME]``.
        parameters: Values by name, as a plain call takes them.
        name: How the table calls it; empty: as the REF.
    """

    ref: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    name: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What one runtime made of one pipeline, before it is compared.

    Attributes:
        status: ``succeeded``, ``refused`` or ``failed``.
        reason: Why not; one line.
        folder: The run's folder; empty for a plain call.
        engine: What ran it.
        seconds: How long it took, with the engine's start when that is per pipeline.
        tasks: The engine's own record: what it ran to its end, as ``node`` or ``node[index]``;
            None when it keeps none.
        value: What a plain call returned.
    """

    status: str
    reason: str = ""
    folder: str = ""
    engine: str = ""
    seconds: float = 0.0
    tasks: tuple[str, ...] | None = None
    value: Any = None


@dataclass(frozen=True, slots=True)
class OutputCell:
    """One output on one runtime: its identity and its value."""

    sha256: str
    value: Any = None


@dataclass(frozen=True, slots=True)
class Cell:
    """One pipeline on one runtime, compared with the plain call.

    Attributes:
        pipeline: The case's name, else the REF as given.
        runtime: One of `RUNTIMES`.
        status: ``equal``: the same bytes; ``equal_value``: the same value in other bytes;
            ``different``, also when something else was executed than the plan says; ``refused``:
            the runtime cannot do it and said so before it ran; ``failed``.
        reason: Why, when it is not equal.
        lowering: How the pipeline's shape was expressed.
        engine: What really ran it.
        seconds: How long it took.
        outputs: The outputs by name.
        folder: Where the run's values lie.
        tasks: The engine's own record of what it ran.
        executions: What the plan asks for, given how long the loops turned out: `node` or
            `node[index]`, without the steps that planning added. Each has a commit record.
    """

    pipeline: str
    runtime: str
    status: Status
    reason: str = ""
    lowering: str = ""
    engine: str = ""
    seconds: float = 0.0
    outputs: Mapping[str, OutputCell] = field(default_factory=dict)
    folder: str = ""
    tasks: tuple[str, ...] = ()
    executions: tuple[str, ...] = ()
