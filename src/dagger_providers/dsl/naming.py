"""Names for the nodes and loops of a recording."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from itertools import count

from dagger_providers.dsl.records import AxisRecord, NodeRecord
from dagger_providers.dsl.references import Tree
from dagger_providers.errors import BuildError

_INVALID = re.compile(r"[^a-zA-Z0-9-]+")
_LONGEST = 56
"""Leaves room for a number in the 64 characters of a name."""


def node_names(nodes: list[NodeRecord], place: str) -> list[str]:
    """Name nodes by their function: ``fit``, or ``fit-1``, ``fit-2`` when it is called often.

    Raises:
        BuildError: Two nodes were given the same name.
    """
    known: dict[int, tuple[str | None, str]] = {}
    for node in nodes:
        function = node.function
        if id(function) not in known:
            known[id(function)] = function.settings.get("name"), _word(function.__name__)
    names = [known[id(node.function)] for node in nodes]
    given = Counter(chosen for chosen, _ in names if chosen)
    repeated = [name for name, times in given.items() if times > 1]
    if repeated:
        raise BuildError(
            f"{place}: several nodes are named {repeated[0]!r}; give each call its own name= in "
            "options()"
        )
    calls = Counter(natural for chosen, natural in names if not chosen)
    alone = {name for name, times in calls.items() if times == 1 and name not in given}
    taken = {*given, *alone}
    last = dict.fromkeys(calls, 0)
    found: list[str] = []
    for chosen, natural in names:
        name = chosen or natural
        if not chosen and natural not in alone:
            while name in taken or name == natural:
                last[natural] += 1
                name = f"{natural}-{last[natural]}"
            taken.add(name)
        found.append(name)
    return found


def _word(function: str) -> str:
    return _INVALID.sub("-", function).strip("-")[:_LONGEST] or "node"


def loop_names(axes: Iterable[AxisRecord], nodes: list[str]) -> list[str]:
    """Name loops by what they run over: ``carriers``, ``split``, ``split-2``."""
    bases: list[str] = []
    found: list[str] = []
    taken: set[str] = set()
    for axis in axes:
        joined = "-and-".join(bases[n] for n in axis.zips if n < len(bases))
        base = joined if axis.over is None else _label(axis.over, nodes, bases)
        base = _INVALID.sub("-", base).strip("-")[:_LONGEST] or "loop"
        numbers = count(2)
        name = base
        while name in taken:
            name = f"{base}-{next(numbers)}"
        bases.append(base)
        taken.add(name)
        found.append(name)
    return found


def _label(over: Tree, nodes: list[str], loops: list[str]) -> str:
    match over:
        case ("param", name, path):
            origin = str(name)
        case ("artifact", found, path):
            origin = found.uri.rpartition("/")[2].partition(".")[0]
        case ("node", number, path):
            origin = nodes[number]
        case ("item", axis, path):
            origin = f"{loops[axis]}-item"
        case _:
            return "loop"
    return "-".join([origin, *(str(step[1]) for step in path)])
