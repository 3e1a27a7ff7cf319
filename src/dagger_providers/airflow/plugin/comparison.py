"""Compare two runs of a DAG: what they were given, what they made, how long it took."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice, zip_longest
from typing import Any, cast

from dagger_providers.airflow.plugin.lineage import resolver_of
from dagger_providers.airflow.plugin.stores import Folder
from dagger_providers.card import Card
from dagger_providers.errors import DaggerProvidersError, MissingValueError, one_line
from dagger_providers.execution import index_text, node_path
from dagger_providers.planning.outline import Outline
from dagger_providers.storage import Store, read_commit

_ITEMS = 50
"""Items of one node whose outputs are compared."""

_RECORDS = 1000
"""Records of each run that are read for one comparison."""

_LISTED = 20_000
"""Executions of each run that are looked for at most; of the others nothing is said."""

_AT_A_TIME = 8


@dataclass(frozen=True, slots=True)
class Side:
    """One of two runs.

    Attributes:
        outline: Its pipeline; None when the DAG's version carries none.
        folder: Its folder; None when none of its tasks has told of one.
        parameters: The values of its parameters.
        states: How many instances of each task are in each state.
        seconds: How long the instances of each task took, added up.
    """

    outline: Outline | None
    folder: Folder | None
    parameters: Mapping[str, Any]
    states: Mapping[str, Mapping[str, int]]
    seconds: Mapping[str, float]


def comparison(left: Side, right: Side) -> dict[str, Any]:
    """Return what is equal in two runs, and what is different.

    ``parameters`` and ``outputs`` each have a ``verdict``: ``equal``, ``different``, or where
    that cannot be told, ``unknown``. ``nodes`` have that of their outputs, item by item, of so many
    as are ``compared``.
    """
    digests = [_digests(side) for side in (left, right)]
    return {
        "parameters": _parameters(left, right),
        "outputs": _outputs(left, right),
        "nodes": [_node(address, left, right, digests) for address in _addresses(left, right)],
    }


def _addresses(*sides: Side) -> list[str]:
    found: dict[str, None] = {}
    for side in sides:
        if side.outline is None:
            found |= dict.fromkeys(side.states)
        else:
            cards = side.outline.steps.values()
            found |= dict.fromkeys(c.address for c in cards if c.executes)
            found |= dict.fromkeys(card.address for card in side.outline.hooks)
    return list(found)


def _parameters(left: Side, right: Side) -> list[dict[str, Any]]:
    found = []
    for name in dict.fromkeys((*left.parameters, *right.parameters)):
        texts = [_text(side.parameters, name) for side in (left, right)]
        verdict = "equal" if texts[0] == texts[1] else "different"
        shown = [text and one_line(text, _WIDTH) for text in texts]
        found.append({"name": name, "left": shown[0], "right": shown[1], "verdict": verdict})
    return found


_WIDTH = 500


def _text(values: Mapping[str, Any], name: str) -> str | None:
    return json.dumps(values[name], ensure_ascii=False) if name in values else None


def _verdict(left: Any, right: Any) -> str:
    if left is None or right is None:
        return "unknown"
    return "equal" if left == right else "different"


def _outputs(left: Side, right: Side) -> list[dict[str, Any]]:
    """Return whether what the pipeline gave is the same."""
    found = [_identities(side) for side in (left, right)]
    names = dict.fromkeys((*found[0], *found[1]))
    return [
        {
            "name": name,
            "left": found[0].get(name),
            "right": found[1].get(name),
            "verdict": _verdict(found[0].get(name), found[1].get(name)),
        }
        for name in names
    ]


def _identities(side: Side) -> dict[str, str | None]:
    if side.outline is None or side.folder is None:
        return {}
    resolver = resolver_of(side.outline, side.folder, side.parameters)
    found: dict[str, str | None] = {}
    for name, binding in side.outline.outputs.items():
        try:
            found[name] = resolver.identity(binding, {})
        except (DaggerProvidersError, StopIteration, KeyError):
            found[name] = None  # not there yet, or not to be told without running code
    return found


_Digests = dict[str, dict[str, str | None]]
"""For each node and item, what its outputs are; None: that was not to be read."""


def _digests(side: Side) -> _Digests:
    """Read the records of a run, several at a time: stores far away answer slowly."""
    folder, outline = side.folder, side.outline
    if folder is None or outline is None:
        return {}
    asked = list(islice(_executions(outline, folder, side), _LISTED))

    def read(one: tuple[str, str]) -> str | None:
        path = node_path(one[0], ()) + (f"/{one[1]}" if one[1] else "")
        try:
            record = read_commit(cast("Store", folder), path)
        except MissingValueError:
            return ""
        except DaggerProvidersError:
            return None  # broken, or more than is read for one page
        return " ".join(f"{name}={a.sha256}" for name, a in sorted(record.outputs.items())) or "-"

    with ThreadPoolExecutor(_AT_A_TIME) as pool:
        told = list(pool.map(read, asked[:_RECORDS]))
    found: _Digests = {}
    for (address, index), digest in zip_longest(asked, told):
        if digest != "":
            found.setdefault(address, {})[index] = digest
    return found


def _executions(outline: Outline, folder: Folder, side: Side) -> Iterator[tuple[str, str]]:
    """Yield the executions that are compared: the first items of each node."""
    resolver = resolver_of(outline, folder, side.parameters)
    cards: Iterable[Card] = (*outline.steps.values(), *outline.hooks)
    for card in cards:
        if card.executes:
            try:
                for index in islice(resolver.indices(card.within), _ITEMS):
                    yield card.address, index_text(index)
            except (DaggerProvidersError, StopIteration, KeyError):
                continue  # what its loop runs over is not there


def _node(address: str, left: Side, right: Side, digests: list[_Digests]) -> dict[str, Any]:
    one, other = (found.get(address, {}) for found in digests)
    shared = [index for index in one if one[index] and other.get(index)]
    different = [index for index in shared if one[index] != other[index]]
    verdict = "equal"
    if different:
        verdict = "different"
    elif not shared or None in {*one.values(), *other.values()}:
        verdict = "unknown"
    elif one.keys() != other.keys():
        verdict = "different"
    return {
        "address": address,
        "verdict": verdict,
        "left": _side(left, address),
        "right": _side(right, address),
        "items": [len(one), len(other)],
        "compared": len(shared),
        "different": different[:10],
        "differences": len(different),
    }


def _side(side: Side, address: str) -> dict[str, Any]:
    counts = side.states.get(address, {})
    return {"states": dict(counts), "seconds": side.seconds.get(address)}
