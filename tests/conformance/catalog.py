"""The conformance programs, and what every runtime must make of them.

A program is a module with a pipeline (``PIPELINE``), its drawing in one line (``DRAWING``), and

- in ``programs``: ``RUNS``, pairs of parameters and of what the plain call gives, where ``...``
  stands for any value. ``PLAIN`` is why there is no plain call to compare with, ``REFUSED`` says by
  runtime why one refuses it.
- in ``failing``: ``PARAMETERS``; the ``NODE`` that fails, the ``TYPE`` of the exception, part of
  its ``MESSAGE`` and of its ``TRACEBACK``; the nodes that ``NEVER`` commit, and those that are
  ``COMMITTED`` though it fails. ``PLAIN`` is what the plain call says when that is something else,
  empty when it works.

A parameter ``"SCRATCH"`` becomes an empty folder, ``"STORE"`` the folder of all stores.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from dagger_providers.testing import Case, Cell
from dagger_providers.testing.values import same

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Run:
    """One program with parameters.

    Attributes:
        module: The program.
        name: What the table calls it: the program's name, numbered when it runs several times.
        parameters: Values by name.
        expected: What the plain call gives.
    """

    module: ModuleType
    name: str
    parameters: Mapping[str, Any]
    expected: Any = None

    @property
    def plain(self) -> str | None:
        return getattr(self.module, "PLAIN", None)

    @property
    def refused(self) -> Mapping[str, str]:
        return getattr(self.module, "REFUSED", {})

    def case(self, folder: Path) -> Case:
        scratch = folder / "scratch" / self.name
        scratch.mkdir(parents=True, exist_ok=True)
        places = {"SCRATCH": str(scratch), "STORE": str(folder / "stores")}
        given = {
            name: places.get(value, value) if isinstance(value, str) else value
            for name, value in self.parameters.items()
        }
        return Case(f"{self.module.__name__}:PIPELINE", given, self.name)


def programs() -> list[ModuleType]:
    """Every program that works, by name."""
    return list(_modules("programs"))


def runs(program: ModuleType) -> list[Run]:
    """The runs of a program that works."""
    name = program_name(program)
    several = len(program.RUNS) > 1
    return [
        Run(program, f"{name}-{number}" if several else name, parameters, expected)
        for number, (parameters, expected) in enumerate(program.RUNS, start=1)
    ]


def failing() -> list[Run]:
    """Every program that fails, by name."""
    return [Run(m, program_name(m), m.PARAMETERS) for m in _modules("failing")]


def differences(run: Run, cell: Cell) -> list[tuple[str, Any]]:
    """The outputs that are not what the program expects, with what was found."""
    found = {name: output.value for name, output in cell.outputs.items()}
    single = set(found) == {"return_value"}
    expected = {"return_value": run.expected} if single else run.expected or {}
    if list(found) != list(expected):
        return list(found.items())
    return [
        (name, found[name])
        for name, value in expected.items()
        if not (value is ... or same(found[name], value))
    ]


def program_name(program: ModuleType) -> str:
    return program.__name__.rpartition(".")[2]


def summary(program: ModuleType) -> str:
    """The first line of a program."""
    return (program.__doc__ or "").strip().partition("\n")[0]


def _modules(folder: str) -> Iterator[ModuleType]:
    for file in sorted((FOLDER / folder).glob("*.py")):
        yield import_module(f"conformance.{folder}.{file.stem}")
