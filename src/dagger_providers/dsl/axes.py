"""The loops of a recording as axes, and how the passes of several values go together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from dagger_providers.dsl.lengths import Lengths, Source
from dagger_providers.dsl.records import AxisRecord, Insight, Named
from dagger_providers.dsl.references import Passes, Tree
from dagger_providers.errors import BuildError


class Axes:
    """All axes of one recording.

    Args:
        label: Says what messages call the list that a loop runs over.
        lengths: How many items loops have.
        insight: What earlier recordings have shown.
        place: What messages call the pipeline.

    Attributes:
        records: The axes in order of their first item.
        covers: For an axis that joins others, these.
    """

    def __init__(
        self, label: Callable[[Tree], str], lengths: Lengths, insight: Insight, place: str
    ) -> None:
        self.records: list[AxisRecord] = []
        self._lengths = lengths
        self._label = label
        self._insight = insight
        self._place = place
        self._alike: dict[Any, list[int]] = {}
        self._numbers: dict[int, int] = {}
        self.covers: dict[int, tuple[int, ...]] = {}
        self._tied: dict[tuple[int, ...], int] = {}
        self._names: dict[int, Named] = {}

    def add(self, over: Tree, source: Source, around: Passes, serial: int) -> int:
        """Return the axis of a loop that starts now: a twin's, or a new one."""
        around = self.merged((around, self.inside(serial)), "a loop")
        keys = tuple(sorted(around))
        at = tuple(around[axis] for axis in keys)
        alike = self._alike.setdefault((over, keys), [])
        for number in alike:
            if at not in self.records[number].instances:
                self.records[number].instances.add(at)
                return number
        within = self.shown(keys, serial)
        number = len(self.records)
        self.records.append(AxisRecord(serial, within, keys, {at}, over, source))
        self._numbers[serial] = number
        self._names[number] = serial
        alike.append(number)
        return number

    def join(self, axes: tuple[int, ...]) -> int:
        """Return the axis under which others run in step."""
        axes = tuple(sorted(axes))
        found = self._tied.get(axes)
        if found is None:
            found = next((n for n in self.covers if {*self.records[n].zips} == {*axes}), None)
        if found is None:
            around = {a for axis in axes for a in self.records[axis].within}
            around -= self._with(axes) | self._covered(around)
            found = self._tied[axes] = len(self.records)
            self.records.append(AxisRecord(-1, self._outermost_first(around), (), set(), None))
            self._names[found] = tuple(map(self.name, axes))
            self.cover(found, axes)
        return found

    def items(self, axis: int) -> int:
        """Return how many items an axis has; one that joins others, as many as the longest."""
        return max(map(self._lengths.of, self.sources(axis)))

    def sources(self, axis: int) -> Iterator[Source]:
        """Yield what a loop runs over, or those that it joins."""
        record = self.records[axis]
        if record.over is not None:
            yield record.source
        for joined in record.zips:
            yield from self.sources(joined)

    def name(self, axis: int) -> Named:
        """Return what names an axis in other recordings of the same code."""
        return self._names[axis]

    def _named(self, name: Named) -> int | None:
        """Return the axis of a name, joining what it joins; None when there is no such loop yet."""
        if not isinstance(name, tuple):
            return self._numbers.get(name)
        axes = [axis for axis in map(self._named, name) if axis is not None]
        return self.join(tuple(axes)) if len(axes) == len(name) else None

    def cover(self, joint: int, axes: Iterable[int]) -> None:
        """Let axes run in step under another one."""
        record = self.records[joint]
        record.zips = tuple(dict.fromkeys((*record.zips, *axes)))
        covered = dict.fromkeys(record.zips)
        for axis in record.zips:
            covered |= dict.fromkeys(self.covers.get(axis, ()))
        self.covers[joint] = tuple(covered)

    def _outermost_first(self, axes: Iterable[int]) -> tuple[int, ...]:
        """Return loops in an order in which each comes after those that its list depends on."""
        if not self.covers:
            return tuple(sorted(axes))
        waiting = dict.fromkeys(sorted(axes))
        ordered: list[int] = []
        while waiting:
            ready = (axis for axis in waiting if self._needs(axis).isdisjoint(self._with(waiting)))
            axis = next(ready, next(iter(waiting)))
            del waiting[axis]
            ordered.append(axis)
        return tuple(ordered)

    def _needs(self, axis: int) -> set[int]:
        found = set(self.records[axis].within)
        for joined in self.records[axis].zips:
            found |= self._needs(joined)
        return found - {axis, *self.covers.get(axis, ())}

    def _with(self, axes: Iterable[int]) -> set[int]:
        return {*axes, *self._covered(axes)}

    def _covered(self, axes: Iterable[int]) -> set[int]:
        return {one for axis in axes for one in self.covers.get(axis, ())}

    # What earlier recordings have shown

    def inside(self, serial: int) -> Passes:
        """Return the passes of loops over results that a call or a loop stood in."""
        hidden = self._insight.inside.get(serial)
        if not hidden:
            return {}
        numbers = self._numbers
        return {numbers[loop]: at for loop, at in hidden.items() if loop in numbers}

    def shown(self, keys: tuple[int, ...], serial: int) -> tuple[int, ...]:
        """Return the loops around a call or a loop: its axes, those that run in step joined."""
        if len(keys) <= 1:
            return keys
        found = set(keys)
        for tied in self._insight.ties.get(serial, ()):
            axes = tuple(axis for axis in map(self._named, tied) if axis is not None)
            if len(axes) == len(tied) and found.issuperset(axes):
                found -= set(axes)
                found.add(self.join(axes))
        return self._outermost_first(found)

    # Passes

    def passes_of(self, keys: tuple[int, ...], within: tuple[int, ...], around: Passes) -> Passes:
        """Return the passes of the loops of a record."""
        if keys == within:
            return around
        return {axis: around[axis] if axis in around else self._at(axis, around) for axis in within}

    def _at(self, joint: int, around: Passes) -> int:
        return next(around[axis] for axis in self.covers[joint] if axis in around)

    def merged(self, several: Iterable[Passes], what: str) -> Passes:
        """Join the passes of several values; they must agree on every loop."""
        merged: Passes = {}
        for passes in several:
            for axis, at in passes.items():
                if merged.setdefault(axis, at) != at:
                    self._refuse_fold(axis, what)
        if self.covers:
            for axis, at in [entry for entry in merged.items() if entry[0] in self.covers]:
                for covered in self.covers[axis]:
                    if merged.pop(covered, at) != at:
                        self._refuse_fold(covered, what)
        return merged

    def _refuse_fold(self, axis: int, what: str) -> None:
        raise BuildError(
            f"{self._place}: {what} uses results of two different items of the loop over "
            f"{self.label(axis)}: it unpacks or pairs them, or carries a value from one item to "
            "the next; give the whole list to one task that does this inside"
        )

    def label(self, axis: int) -> str:
        """Return what messages call the list that a loop runs over."""
        over = (self.records[one].over for one in (axis, *self.covers.get(axis, ())))
        return " and ".join(dict.fromkeys(self._label(tree) for tree in over if tree is not None))
