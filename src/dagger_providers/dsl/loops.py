"""The `for` loops that are running while a pipeline is recorded."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field

from dagger_providers.dsl.axes import Axes
from dagger_providers.dsl.lengths import Sources
from dagger_providers.dsl.references import Passes, State
from dagger_providers.errors import BuildError


@dataclass(slots=True, eq=False)
class OpenLoop:
    """One `for` that is running.

    Attributes:
        state: What it runs over.
        opened: When its iterator was made.
        first: When it gave its first item.
        at: Its pass; -1 before the first item.
        axis: Its axis.
        items: How many items it has.
        shown: The axis whose passes its items carry: its own, or the one that it is joined under.
        leader: The loop that it runs in step with, if it did not start first.
        passes: Its pass, and those of the loops that it depends on.
    """

    state: State
    opened: int
    first: int = 0
    at: int = -1
    axis: int = -1
    items: int = 0
    shown: int = -1
    leader: OpenLoop | None = None
    passes: Passes = field(default_factory=dict)


class Loops:
    """Gives the symbolic items of loops, and knows which loops are running.

    Args:
        axes: The axes of the recording.
        sources: What its loops run over.
        zips: Loops known to lead a `zip`, by the serial of their first item.
        tick: Counts events.
        place: What messages call the pipeline.
    """

    def __init__(
        self,
        axes: Axes,
        sources: Sources,
        zips: frozenset[int],
        tick: Callable[[], int],
        place: str,
    ) -> None:
        self.running: list[OpenLoop] = []
        self.new_zips: set[int] = set()
        self._axes = axes
        self._sources = sources
        self._zips = zips
        self._tick = tick
        self._place = place

    def open(self, state: State) -> Iterator[tuple[int, Passes]]:
        """Start a loop; for each item, yield its axis and passes."""
        loop = OpenLoop(state, self._tick())
        self.running.append(loop)
        return self._run(loop)

    def around(self, until: OpenLoop | None = None) -> Passes:
        """Return the passes of the loops that are running, except one, and of those they need."""
        passes: Passes = {}
        for loop in self.running:
            if loop is not until and loop.at >= 0 and loop.leader is None:
                passes |= loop.passes
        return passes

    def unfinished(self) -> Iterator[OpenLoop]:
        """Yield the loops that did not run to their end."""
        for loop in self.running:
            in_step = loop.leader is not None and loop.at == loop.items - 1
            if loop.at >= 0 and not in_step:
                yield loop

    def _run(self, loop: OpenLoop) -> Generator[tuple[int, Passes], None, None]:
        try:
            around = self._start(loop)
            for at in range(loop.items):
                if loop.leader is not None and loop.leader.at != at:
                    self._refuse_out_of_step(loop, loop.leader)
                loop.at = at
                loop.passes = {**around, loop.shown: at}
                yield loop.axis, loop.passes
        finally:
            if loop.at == loop.items - 1:
                self._close(loop)

    def _close(self, loop: OpenLoop) -> None:
        if loop in self.running:
            self.running.remove(loop)
        for partner in [other for other in self.running if other.leader is loop]:
            if partner.at == partner.items - 1:
                self._close(partner)

    def _start(self, loop: OpenLoop) -> Passes:
        """Find the loop's axis, and return the passes of the loops around it."""
        loop.first = self._tick()
        loop.leader = self._leader(loop)
        first = loop.leader or loop
        around = self._axes.merged((self.around(until=first), loop.state.passes), "a loop")
        source = self._sources.of_loop(loop.state.tree, self._walked(first))
        loop.axis = loop.shown = self._axes.add(loop.state.tree, source, around, loop.first)
        loop.items = self._axes.items(loop.axis)
        own = self._axes.records[loop.axis]
        if loop.leader is not None:
            self._follow(loop, loop.leader)
        elif own.serial in self._zips:
            loop.shown = self._axes.join((loop.axis,))
        around = self._axes.merged((around, self._axes.inside(loop.first)), "a loop")
        return self._axes.passes_of(own.keys, own.within, {a: around[a] for a in own.keys})

    def _walked(self, until: OpenLoop) -> list[int]:
        """Return the axes of the loops that are running, except one and those in step."""
        others = (loop for loop in self.running if loop is not until and loop.leader is None)
        return [loop.axis for loop in others if loop.at >= 0]

    def _leader(self, loop: OpenLoop) -> OpenLoop | None:
        """Return the loop that this one is zipped with: both were open before either's first."""
        for other in self.running:
            in_step = other.at == 0 and other.leader is None
            if in_step and other is not loop and other.opened < loop.opened < other.first:
                return other
        return None

    def _follow(self, loop: OpenLoop, leader: OpenLoop) -> None:
        loop.shown = leader.shown
        if leader.shown == leader.axis:
            self.new_zips.add(self._axes.records[leader.axis].serial)
        else:
            self._axes.cover(leader.shown, (loop.axis,))

    def _refuse_out_of_step(self, loop: OpenLoop, leader: OpenLoop) -> None:
        raise BuildError(
            f"{self._place}: the iterators over {leader.state.label} and {loop.state.label} do not "
            "run in step; use zip(), or one for loop in the other"
        )
