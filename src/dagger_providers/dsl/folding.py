"""Turn the flat lists of a recording into lists that gather over loops.

A recorded loop yields two or three symbolic items, its *passes*. A list that code filled in a loop
holds one element for each pass; folding finds these runs of twins and writes them as one element
that stands for all items.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dagger_providers.dsl.references import Passes, Tree

Folded = tuple[Tree, Passes]
"""A tree, and the passes that it depends on."""


@dataclass(frozen=True, slots=True)
class Folding:
    """The rules of one recording.

    Attributes:
        items: How many passes each loop has.
        covers: For an axis that joins others, these.
    """

    items: int
    covers: Mapping[int, tuple[int, ...]]

    def fold(self, elements: Sequence[Folded], around: Mapping[int, int]) -> Folded | None:
        """Return the list's tree, and the passes that the list as a whole depends on.

        Returns:
            None when some element has no twin for each item of its loop.
        """
        if not any(passes for _, passes in elements):
            return ("list", tuple(tree for tree, _ in elements)), {}
        ambient = self._ambient(elements, around)
        folded = None if ambient is None else self._segments(elements, ambient)
        if ambient is None or folded is None:
            return None
        own = {axis: at for axis, at in ambient.items() if any(axis in p for _, p in elements)}
        return ("list", folded), own

    def _ambient(self, elements: Sequence[Folded], around: Mapping[int, int]) -> Passes | None:
        """Return the passes that hold for the whole list; all other axes are to be gathered."""
        seen: dict[int, set[int]] = {}
        for _, passes in elements:
            for axis, at in passes.items():
                seen.setdefault(axis, set()).add(at)
        ambient = self._entered({}, around)
        for axis, found in seen.items():
            if len(found) == self.items:
                ambient.pop(axis, None)
            elif len(found) == 1 and ambient.get(axis, at := next(iter(found))) == at:
                ambient[axis] = at
            else:
                return None
        return ambient

    def _entered(self, ambient: Passes, more: Mapping[int, int]) -> Passes:
        """Add passes, and those of the loops that run in step under a joined one."""
        entered = {**ambient, **more}
        for axis, at in more.items():
            for covered in self.covers.get(axis, ()):
                entered[covered] = at
        return entered

    def _segments(self, elements: Sequence[Folded], ambient: Passes) -> tuple[Tree, ...] | None:
        segments: list[Tree] = []
        position = 0
        while position < len(elements):
            tree, passes = elements[position]
            free = sorted(axis for axis in passes if axis not in ambient)
            if not free:
                segments.append(tree)
                position += 1
                continue
            joints = (
                axis for axis, covered in self.covers.items() if not {*free}.isdisjoint(covered)
            )
            for axis in (*free, *joints):
                run = self._run(elements, position, axis, ambient)
                if run is not None:
                    segment, position = run
                    segments.append(segment)
                    break
            else:
                return None
        return tuple(segments)

    def _run(
        self, elements: Sequence[Folded], start: int, axis: int, ambient: Passes
    ) -> tuple[Tree, int] | None:
        """Read the elements of all passes of one loop; they must be the same but for the pass."""
        position = start
        body: tuple[Tree, ...] | None = None
        for at in range(self.items):
            end = position
            while end < len(elements) and self._at(elements[end][1], axis) == at:
                end += 1
            inner = self._segments(elements[position:end], self._entered(ambient, {axis: at}))
            if not inner or (body is not None and inner != body):
                return None
            body = inner
            position = end
        return ("each", axis, body), position

    def _at(self, passes: Passes, axis: int) -> int | None:
        """Return in which pass of a loop, or of one that runs in step with it, a value is."""
        if axis in passes:
            return passes[axis]
        return next((passes[one] for one in self.covers.get(axis, ()) if one in passes), None)
