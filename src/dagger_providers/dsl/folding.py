"""Turn the flat lists of a recording into lists that gather over loops.

A recorded loop yields two or three symbolic items, its *passes*. A list that code filled in a loop
holds one element for each pass; folding finds these runs of twins and writes them as one element
that stands for all items.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from dagger_providers.dsl.references import Passes, Tree
from dagger_providers.errors import BuildError

Folded = tuple[Tree, Passes]
"""A tree, and the passes that it depends on."""


@dataclass(frozen=True, slots=True)
class Folding:
    """The rules of one recording.

    Attributes:
        items: How many passes each loop has.
        expand: Adds to passes those of the loops that run in step.
        place: What the list is for, as messages name it.
    """

    items: int
    expand: Callable[[Mapping[int, int]], Passes]
    place: str

    def fold(self, elements: Sequence[Folded], around: Mapping[int, int]) -> Folded:
        """Return the list's tree, and the passes that the list as a whole depends on.

        Raises:
            BuildError: Some element has no twin for each item of its loop.
        """
        if not any(passes for _, passes in elements):
            return ("list", tuple(tree for tree, _ in elements)), {}
        ambient = self._ambient(elements, around)
        folded = self._segments(elements, ambient)
        if folded is None:
            self._refuse()
        own = {axis: at for axis, at in ambient.items() if any(axis in p for _, p in elements)}
        return ("list", folded), own

    def _ambient(self, elements: Sequence[Folded], around: Mapping[int, int]) -> Passes:
        """Return the passes that hold for the whole list; all other axes are to be gathered."""
        seen: dict[int, set[int]] = {}
        for _, passes in elements:
            for axis, at in passes.items():
                seen.setdefault(axis, set()).add(at)
        ambient = self.expand(around)
        for axis, found in seen.items():
            if len(found) == self.items:
                ambient.pop(axis, None)
            elif len(found) == 1 and ambient.get(axis, at := next(iter(found))) == at:
                ambient[axis] = at
            else:
                self._refuse()
        return ambient

    def _segments(
        self, elements: Sequence[Folded], ambient: Passes
    ) -> tuple[Tree, ...] | None:
        segments: list[Tree] = []
        position = 0
        while position < len(elements):
            tree, passes = elements[position]
            free = sorted(axis for axis in passes if axis not in ambient)
            if not free:
                segments.append(tree)
                position += 1
                continue
            for axis in free:
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
            while end < len(elements) and elements[end][1].get(axis) == at:
                end += 1
            inner = self._segments(elements[position:end], {**ambient, axis: at})
            if not inner or (body is not None and inner != body):
                return None
            body = inner
            position = end
        assert body is not None  # noqa: S101 - a loop has at least two passes
        return ("each", axis, body), position

    def _refuse(self) -> None:
        raise BuildError(
            f"{self.place}: the list holds only some of a loop's results, or not in the loop's "
            "order; give the whole list, in order, and select or reorder in a task"
        )


def free_axes(passes: Passes, around: Iterable[int]) -> list[int]:
    """Return the axes that a value depends on and that have no item here."""
    present = set(around)
    return [axis for axis in passes if axis not in present]
