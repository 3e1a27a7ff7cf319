"""Check at the end of a recording that each call and loop has its twins, or learn why not.

What looks different for each item may still mean the same for each: results that Python walks in
step, or a loop inside a Python loop over results. Then the code is recorded again, knowing so.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from math import prod

from dagger_providers.dsl.recording import Recording, lone
from dagger_providers.dsl.records import Insight, NodeRecord, Record, RecordAgain, Ties
from dagger_providers.dsl.references import Passes, Tree
from dagger_providers.errors import BuildError


def check_twins(recording: Recording) -> None:
    """Check that every loop ran to its end, and every call happened for each item.

    Raises:
        BuildError: One did not.
        RecordAgain: Recording again, with what this one has shown, may do better.
    """
    for loop in recording.loops.unfinished():
        raise BuildError(
            f"{recording.place}: the loop over {loop.state.label} does not run to its end (break, "
            "return, next(), unpacking, or zip with something shorter); select the items in a task"
        )
    if not recording.axes.records:
        return
    incomplete = [record for record in _records(recording) if not _is_complete(recording, record)]
    if not (incomplete or recording.refusals or recording.loops.new_zips):
        return
    known = recording.insight
    learned = Insight(
        known.zips | recording.loops.new_zips,
        _ties(recording, incomplete),
        known.inside,
    )
    if learned == known:
        learned = Insight(known.zips, known.ties, _inside(recording, incomplete))
    if learned != known:
        raise RecordAgain(learned)
    _refuse(recording, incomplete)


def _records(recording: Recording) -> Iterator[Record]:
    yield from recording.nodes
    yield from (axis for axis in recording.axes.records if axis.over is not None)


def _is_complete(recording: Recording, record: Record) -> bool:
    return not record.keys or len(record.instances) == prod(
        map(recording.axes.items, record.within)
    )


def _refuse(recording: Recording, incomplete: list[Record]) -> None:
    for record in incomplete:
        if isinstance(record, NodeRecord):
            label = recording.axes.label(record.within[-1])
            what = f"{recording.place}: {record.function.kind} {record.function.__name__!r}"
            argument = _numbering(recording, record)
            raise _numbered(what, label, argument) if argument else lone(what, label)
    if recording.refusals:
        raise recording.refusals[0]
    for record in incomplete:
        raise lone(f"{recording.place}: a loop", recording.axes.label(record.within[-1]))


def _numbering(recording: Recording, record: NodeRecord) -> str:
    """Return the argument that alone tells apart the calls for each item; empty if none does."""
    alike = [
        node
        for node in recording.nodes
        if node.function.identity == record.function.identity and node.keys == record.keys
    ]
    if len(set().union(*(node.instances for node in alike))) == len(record.instances):
        return ""
    differ = {
        name for node in alike for name, tree in node.inputs.items() if tree != record.inputs[name]
    }
    return differ.pop() if len(differ) == 1 else ""


def _numbered(what: str, label: str, argument: str) -> BuildError:
    return BuildError(
        f"{what} is not used in the same way for each item of the loop over {label}: argument "
        f"{argument!r} is another one for each (enumerate, a counter, zip with a list of "
        "another length), and how many items there are is known only when it runs; number or pair "
        "them in a task, and loop over its result"
    )


# Loops that run in step because Python zipped their results


def _ties(recording: Recording, incomplete: list[Record]) -> dict[int, Ties]:
    """Return, for calls and loops whose axes always had equal passes, these; and what was known."""
    found = dict(recording.insight.ties)
    for record in incomplete:
        groups = _in_step(record)
        firsts = (record.keys[min(group)] for group in groups)
        many = len(record.instances) == prod(map(recording.axes.items, firsts))
        if many and len(groups) < len(record.keys):
            tied = [sorted(record.keys[at] for at in group) for group in groups if len(group) > 1]
            named = (tuple(map(recording.axes.name, axes)) for axes in tied)
            found[record.serial] = tuple(dict.fromkeys((*found.get(record.serial, ()), *named)))
    return found


def _in_step(record: Record) -> list[set[int]]:
    """Return the positions of a record's keys, those whose passes were always equal together."""
    groups = [{position} for position in range(len(record.keys))]
    for one, other in combinations(range(len(record.keys)), 2):
        if all(at[one] == at[other] for at in record.instances):
            first = next(group for group in groups if one in group)
            second = next(group for group in groups if other in group)
            if first is not second:
                first |= second
                groups.remove(second)
    return groups


# Loops and calls inside a Python loop over a list of results


def _inside(recording: Recording, incomplete: list[Record]) -> dict[int, Passes]:
    """Return, for what only one pass of a loop leads to, that pass.

    In ``for m in models: for x in xs: f(m, x)`` with a list of results, Python runs the inner loop
    once for each model, and nothing but its use with one model tells which.
    """
    by_serial = {record.serial: record for record in _records(recording)}
    inside = {serial: dict(passes) for serial, passes in recording.insight.inside.items()}
    for serial, passes in _leading(recording, incomplete).items():
        for axis, found in passes.items():
            if len(found) > 1 or axis in by_serial[serial].keys:
                continue
            for loop in _serials(recording, axis):
                if loop < serial:
                    inside.setdefault(serial, {}).setdefault(loop, *found)
    return inside


def _leading(recording: Recording, incomplete: list[Record]) -> dict[int, dict[int, set[int]]]:
    """Return, for each serial and axis, from which single passes calls lead to it."""
    leading: dict[int, dict[int, set[int]]] = {}
    for record in incomplete:
        fixed = _fixed(record)
        for serial in _reached(recording, record) if fixed else ():
            passes = leading.setdefault(serial, {})
            for axis, at in fixed.items():
                passes.setdefault(axis, set()).add(at)
    return leading


def _serials(recording: Recording, axis: int) -> Iterator[int]:
    """Yield the serial of a loop, or of those that it joins."""
    record = recording.axes.records[axis]
    if record.over is not None:
        yield record.serial
    for joined in record.zips:
        yield from _serials(recording, joined)


def _fixed(record: Record) -> Passes:
    """Return the axes of which a record knows one pass only."""
    return {
        axis: next(iter(found))
        for position, axis in enumerate(record.keys)
        if len(found := {at[position] for at in record.instances}) == 1
    }


def _reached(recording: Recording, record: Record) -> set[int]:
    """Return the serials of the loops and calls that a record depends on."""
    reached: set[int] = set()
    waiting = [record]
    while waiting:
        here = waiting.pop()
        for other in _needed(recording, here):
            if other.serial not in reached and other.serial >= 0:
                reached.add(other.serial)
                waiting.append(other)
    return reached


def _needed(recording: Recording, record: Record) -> Iterator[Record]:
    axes = recording.axes.records
    for axis in record.keys:
        yield axes[axis]
        yield from (axes[joined] for joined in axes[axis].zips)
    trees = list(record.inputs.values()) if isinstance(record, NodeRecord) else []
    trees += [record.over] if getattr(record, "over", None) else []  # type: ignore[attr-defined]
    for tree in trees:
        for kind, number in _origins(tree):
            yield recording.nodes[number] if kind == "node" else axes[number]


def _origins(tree: Tree) -> Iterator[tuple[str, int]]:
    kind = tree[0]
    if kind in {"node", "item"}:
        yield kind, tree[1]
    if kind == "each":
        yield "item", tree[1]
    if kind in {"list", "each"}:
        for element in tree[-1]:
            yield from _origins(element)
