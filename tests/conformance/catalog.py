"""The conformance programs, and the runs of each that every runtime must make alike."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

from dagger_providers.testing import Case

FOLDER = Path(__file__).parent / "programs"


@dataclass(frozen=True)
class Program:
    """One module of ``programs``.

    Attributes:
        name: The module's name.
        summary: The module's first line.
        drawing: The pipeline in one line.
        runs: Parameters and what they give: an output's value, or a mapping of several; ``...``
            stands for any value. A text ``SCRATCH`` becomes a folder.
        plain: Why its plain call gives nothing; empty for most.
        refused: Part of the reason why a runtime refuses it, by runtime.
    """

    name: str
    summary: str
    drawing: str
    runs: list[tuple[dict[str, Any], Any]]
    plain: str = ""
    refused: Mapping[str, str] = field(default_factory=dict)

    @property
    def ref(self) -> str:
        return f"conformance.programs.{self.name}:PIPELINE"

    def case(self, number: int) -> str:
        return f"{self.name}-{number + 1}" if len(self.runs) > 1 else self.name

    def cases(self, scratch: Path) -> Iterator[Case]:
        for number, (given, _) in enumerate(self.runs):
            name = self.case(number)
            folder = scratch / name
            folder.mkdir(parents=True, exist_ok=True)
            own = {k: str(folder) if v == "SCRATCH" else v for k, v in given.items()}
            yield Case(self.ref, own, name)


def programs() -> list[Program]:
    """Every program, by name."""
    return [load(file.stem) for file in sorted(FOLDER.glob("*.py"))]


def load(name: str) -> Program:
    module = import_module(f"conformance.programs.{name}")
    return Program(
        name,
        (module.__doc__ or "").strip().partition("\n")[0],
        module.DRAWING,
        module.RUNS,
        getattr(module, "PLAIN", ""),
        getattr(module, "REFUSED", {}),
    )
