"""Turn the flat lists of a recording into lists that gather over loops.

A recorded loop yields two or three symbolic items, its *passes*. A list that code filled in a loop
holds one element for each pass; folding finds these runs of twins and writes them as one element
that stands for all items.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from dagger_providers.dsl.axes import Axes
from dagger_providers.dsl.references import Passes, Tree

Folded = tuple[Tree, Passes]
"""A tree, and the passes that it depends on."""


@dataclass(frozen=True, slots=True)
class Folding:
    """The rules of one recording.

    Attributes:
        axes: The loops; those that only a list shows to run in step are joined.
    """

    axes: Axes

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
        ambient = self._entered({}, around)
        for axis, found in _passes(elements).items():
            if len(found) == self.axes.items(axis):
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
            for covered in self.axes.covers.get(axis, ()):
                entered[covered] = at
        return entered

    def _segments(self, elements: Sequence[Folded], ambient: Passes) -> tuple[Tree, ...] | None:
        segments: list[Tree] = []
        position = looped = 0
        while position < len(elements):
            looped = self._looped(elements, max(position, looped), ambient)
            run = self._run(elements, position, looped, ambient)
            if run is not None:
                segment, position = run
                segments.append(segment)
            elif position < looped:
                segments.append(elements[position][0])
                position += 1
            else:
                return None
        return tuple(segments)

    def _looped(self, elements: Sequence[Folded], start: int, ambient: Passes) -> int:
        """Return where the next element is that depends on a loop to gather over."""
        for position in range(start, len(elements)):
            if any(axis not in ambient for axis in elements[position][1]):
                return position
        return len(elements)

    def _run(
        self, elements: Sequence[Folded], start: int, looped: int, ambient: Passes
    ) -> tuple[Tree, int] | None:
        """Read the elements of all passes of one loop; they must be the same but for the pass.

        A pass may begin with elements that depend on no loop; ``looped`` is the first that does.
        """
        if looped == len(elements):
            return None
        free = sorted(axis for axis in elements[looped][1] if axis not in ambient)
        covers = self.axes.covers.items()
        joints = [joint for joint, covered in covers if not {*free}.isdisjoint(covered)]
        known = ((axis,) for axis in (*free, *joints))
        for tied in chain(known, self._in_step(elements, looped, free)):
            items = max(map(self.axes.items, tied))
            length = self._length(elements, looped, self._watched(tied))
            if looped - start < length <= (len(elements) - start) // items:
                body = self._body(elements, start, length, tied, ambient)
                if body is not None:
                    axis = tied[0] if len(tied) == 1 else self.axes.join(tied)
                    return ("each", axis, body), start + length * items
        return None

    def _watched(self, tied: tuple[int, ...]) -> frozenset[int]:
        """Return loops and those that run in step under them."""
        covered = (self.axes.covers.get(axis, ()) for axis in tied)
        return frozenset(tied).union(*covered)

    def _length(self, elements: Sequence[Folded], looped: int, watched: frozenset[int]) -> int:
        """Return how many elements a pass has, or 0 when there is no second one."""
        for position in range(looped + 1, len(elements)):
            passes = elements[position][1]
            if any(passes[axis] == 1 for axis in watched & passes.keys()):
                return position - looped
        return 0

    def _body(
        self,
        elements: Sequence[Folded],
        start: int,
        length: int,
        tied: tuple[int, ...],
        ambient: Passes,
    ) -> tuple[Tree, ...] | None:
        """Return what the elements of each pass are, if that is the same for all."""
        watched = self._watched(tied)
        body: tuple[Tree, ...] | None = None
        for at in range(max(map(self.axes.items, tied))):
            own = elements[start + at * length : start + (at + 1) * length]
            if any(passes[axis] != at for _, passes in own for axis in watched & passes.keys()):
                return None
            inner = self._segments(own, self._entered(ambient, dict.fromkeys(tied, at)))
            if not inner or (body is not None and inner != body):
                return None
            body = inner
        return body

    def _in_step(
        self, elements: Sequence[Folded], looped: int, free: Iterable[int]
    ) -> Iterator[tuple[int, ...]]:
        """Yield loops that Python zipped, as only this list shows: it holds ``[f, y]`` for each."""
        for axis in free:
            length = self._length(elements, looped, frozenset((axis,)))
            first = _passes(elements[looped : looped + length])
            second = _passes(elements[looped + length : looped + 2 * length])
            found = {one for one in first if first[one] == {0} and second.get(one) == {1}}
            found -= {under for one in found for under in self.axes.covers.get(one, ())}
            if len(found) > 1:
                yield tuple(sorted(found))


def _passes(elements: Iterable[Folded]) -> dict[int, set[int]]:
    """Return, for each loop that elements depend on, in which of its passes they are."""
    found: dict[int, set[int]] = {}
    for _, passes in elements:
        for axis, at in passes.items():
            found.setdefault(axis, set()).add(at)
    return found
