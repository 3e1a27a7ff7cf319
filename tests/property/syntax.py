"""A generated program as frozen data, and its source."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias


@dataclass(frozen=True)
class Let:
    """``name = value``; an expression is its source."""

    name: str
    value: str


@dataclass(frozen=True)
class Append:
    """``name.append(value)``, or ``name += value``."""

    name: str
    value: str
    extends: bool = False


@dataclass(frozen=True)
class For:
    """``for target in source:``."""

    target: str
    source: str
    body: tuple[Statement, ...]


Statement: TypeAlias = Let | Append | For


@dataclass(frozen=True)
class Function:
    """A pipeline: its parameters as they stand in the signature, its body, what it returns."""

    name: str
    parameters: tuple[str, ...]
    body: tuple[Statement, ...]
    returned: str


@dataclass(frozen=True)
class Program:
    """Pipelines, of which the last is the outermost, and the parameters to run it with."""

    functions: tuple[Function, ...]
    parameters: tuple[tuple[str, Any], ...]

    @property
    def values(self) -> Mapping[str, Any]:
        """The parameters by name."""
        return dict(self.parameters)


_HEAD = '''"""A generated pipeline; with tests/ on PYTHONPATH, running this file checks it again."""

from property.library import *
from dagger_providers import dag, loop, switch
'''


def source_of(program: Program) -> str:
    """Return a module that defines a program, and checks it when it is run."""
    main = program.functions[-1].name
    functions = [line for function in program.functions for line in _function(function)]
    tail = f"""

PARAMETERS = {program.values!r}

if __name__ == "__main__":
    from property.agreement import check

    print(check({main}, PARAMETERS))
"""
    return _HEAD + "\n".join(functions) + tail


def _function(function: Function) -> Iterator[str]:
    yield from ("", "", "@dag", f"def {function.name}({', '.join(function.parameters)}):")
    yield from _block(function.body, "    ")
    yield f"    return {function.returned}"


def _block(body: tuple[Statement, ...], indent: str) -> Iterator[str]:
    for statement in body:
        match statement:
            case Let(name, value):
                yield f"{indent}{name} = {value}"
            case Append(name, value, extends=True):
                yield f"{indent}{name} += {value}"
            case Append(name, value):
                yield f"{indent}{name}.append({value})"
            case For(target, source, inner):
                yield f"{indent}for {target} in {source}:"
                yield from _block(inner, f"{indent}    ")
