"""The nodes of a running Argo workflow: what its controller remembers of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

FAILED = frozenset({"Failed", "Error"})
COMPLETED = frozenset({"Succeeded", *FAILED})
FULFILLED = frozenset({*COMPLETED, "Skipped", "Omitted"})


@dataclass(slots=True)
class Node:
    """One node of the workflow.

    Attributes:
        name: ``flow.for-each-x(0:0).fit``.
        kind: ``Pod``, ``Retry``, ``DAG``, ``TaskGroup`` or ``Skipped``.
        boundary: The name of the DAG node around it; empty at the root.
        phase: ``Running``, ``Succeeded``, ``Failed``, ``Error``, ``Skipped`` or ``Omitted``.
        template: The template that it runs, for a DAG.
        message: Why it is so.
        children: Names: the tries of a ``Retry``, the items of a ``TaskGroup``.
        outputs: The output parameters; None when there are none.
        exit_code: The container's.
    """

    name: str
    kind: str
    boundary: str
    phase: str = "Running"
    template: Mapping[str, Any] = field(default_factory=dict)
    message: str = ""
    children: list[str] = field(default_factory=list)
    outputs: Mapping[str, str] | None = None
    exit_code: int | None = None

    @property
    def fulfilled(self) -> bool:
        """Whether nothing more happens to it."""
        return self.phase in FULFILLED

    def end(self, phase: str, message: str = "") -> None:
        """Note how it ended."""
        self.phase, self.message = phase, message
