"""Record the calls of one run through a pipeline's code.

Every recorded `for` yields a few symbolic items, told apart by the loop (its *axis*) and the pass.
A node is the content of a call with the passes left out; it must have been called once in every
combination of passes of its loops (its *twins*), or the code treats items differently.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import combinations
from types import GeneratorType
from typing import Any, NoReturn

from dagger_providers.dsl.decorators import Recordable
from dagger_providers.dsl.folding import Folding
from dagger_providers.dsl.references import Passes, Reference, State, Tree, state_of
from dagger_providers.errors import BuildError

_ITERATORS = (GeneratorType, zip, map, filter, enumerate, reversed)
_ATOMS = frozenset({str, int, float, bool, type(None)})


@dataclass(slots=True)
class NodeRecord:
    """A call with the passes left out.

    Attributes:
        function: What was called.
        inputs: For each argument, where it comes from.
        axes: The loops that it runs in, outermost first.
        after: Numbers of the nodes that it runs after.
        joined: For each of these loops, the axis whose passes tell its pass.
        instances: The combinations of passes in which it was called.
    """

    function: Recordable[..., Any]
    inputs: dict[str, Tree]
    axes: tuple[int, ...]
    after: tuple[int, ...]
    joined: tuple[int, ...] = ()
    instances: set[tuple[int, ...]] = field(default_factory=set)


@dataclass(slots=True)
class AxisRecord:
    """A loop with the passes left out.

    Attributes:
        label: What it runs over, as messages name it.
        over: Where the list comes from; None when it joins others.
        zips: The axes that run in step under this one.
        within: The axes around it, outermost first.
        instances: The combinations of passes of ``within`` in which it was opened.
    """

    label: str
    over: Tree | None
    zips: tuple[int, ...]
    within: tuple[int, ...]
    instances: set[tuple[int, ...]] = field(default_factory=set)


@dataclass(slots=True)
class _OpenLoop:
    """One `for` that is running."""

    state: State
    opened: int
    first: int = 0
    at: int = -1
    axis: int = -1
    shown: int = -1
    leader: _OpenLoop | None = None
    done: bool = False


@dataclass(frozen=True, slots=True)
class Ties:
    """Loops known to run in step, found by an earlier recording of the same code.

    Attributes:
        zips: For an axis that leads a `zip` of references, how many references it joins.
        nodes: For a node whose arguments come from results zipped in Python, the joined axes.
    """

    zips: Mapping[int, int] = field(default_factory=dict)
    nodes: Mapping[int, tuple[tuple[int, ...], ...]] = field(default_factory=dict)


class Retied(BaseException):  # noqa: N818 - no error, and no `except` of the user's may stop it
    """The recording found loops that run in step and must be made again knowing so."""

    def __init__(self, ties: Ties) -> None:
        super().__init__("record again")
        self.ties = ties


class Recording:
    """The calls and loops of one run through the code.

    Attributes:
        items: How many symbolic items each loop yields.
        nodes: The nodes in order of their first call.
        axes: The loops in order of their first item.
    """

    def __init__(self, items: int, ties: Ties, place: str) -> None:
        self.items = items
        self.place = place
        self.nodes: list[NodeRecord] = []
        self.axes: list[AxisRecord] = []
        self._ties = ties
        self._groups: dict[Any, list[int]] = {}
        self._open: list[_OpenLoop] = []
        self._clock = 0
        self._covers: dict[int, tuple[int, ...]] = {}
        self._tied: dict[tuple[int, ...], int] = {}

    # Loops

    def open_loop(self, state: State) -> Iterator[Reference]:
        """Start a loop over a reference and yield its symbolic items."""
        if state.recording is not self:
            raise BuildError(f"{self.place}: {state.label} belongs to another pipeline's build")
        self._clock += 1
        loop = _OpenLoop(state, self._clock)
        self._open.append(loop)
        return self._items(loop)

    def _items(self, loop: _OpenLoop) -> Generator[Reference, None, None]:
        try:
            for at in range(self.items):
                self._advance(loop, at)
                tree = ("item", loop.axis, ())
                label = f"an item of {loop.state.label}"
                passes = {**self._outer_passes(loop), loop.shown: at}
                yield Reference(State(self, tree, passes, label))
        finally:
            loop.done = loop.at == self.items - 1
            if loop.done:
                self._close(loop)

    def _close(self, loop: _OpenLoop) -> None:
        loop.done = True
        if loop in self._open:
            self._open.remove(loop)
        for partner in [other for other in self._open if other.leader is loop]:
            if partner.at == self.items - 1:
                self._close(partner)

    def _outer_passes(self, loop: _OpenLoop) -> Passes:
        axis = self.axes[loop.shown]
        around = self._merged([self._around(until=loop), loop.state.passes], "a loop")
        return {outer: around[outer] for outer in axis.within}

    def _advance(self, loop: _OpenLoop, at: int) -> None:
        if at == 0:
            self._start(loop)
        leader = loop.leader
        if leader is not None and leader.at != at:
            raise BuildError(
                f"{self.place}: the iterators over {leader.state.label} and {loop.state.label} do "
                "not run in step; use zip(), or one for loop in the other"
            )
        loop.at = at

    def _start(self, loop: _OpenLoop) -> None:
        self._clock += 1
        loop.first = self._clock
        leader = self._leader(loop)
        if leader is not None:
            self._join(leader, loop)
            return
        around = self._merged([self._around(until=loop), loop.state.passes], "a loop")
        loop.axis = loop.shown = self._axis(loop.state.tree, loop.state.label, around)
        joined = self._ties.zips.get(loop.axis)
        if joined is not None:
            loop.shown = self._zip_axis(loop, around)

    def _zip_axis(self, loop: _OpenLoop, around: Passes) -> int:
        """Return the axis that stands for a leader and its partners, known from before."""
        shown = loop.axis + 1
        if shown == len(self.axes):
            within = self.axes[loop.axis].within
            self.axes.append(AxisRecord(loop.state.label, None, (loop.axis,), within))
        self._cover(shown)
        self.axes[shown].instances.add(tuple(around[a] for a in self.axes[shown].within))
        return shown

    def _leader(self, loop: _OpenLoop) -> _OpenLoop | None:
        """Return the loop that this one is zipped with: both were open before either's first."""
        for other in self._open:
            in_step = other.at == 0 and other.leader is None
            if in_step and other is not loop and other.opened < loop.opened < other.first:
                return other
        return None

    def _join(self, leader: _OpenLoop, loop: _OpenLoop) -> None:
        """Make a loop run under the axis of the loop that it is zipped with."""
        if leader.shown == leader.axis:
            zips = dict(self._ties.zips)
            zips[leader.axis] = zips.get(leader.axis, 1) + 1
            raise Retied(Ties(zips, self._ties.nodes))
        shown = self.axes[leader.shown]
        around = self._merged([self._around(until=leader), loop.state.passes], "a loop")
        loop.axis = self._axis(loop.state.tree, loop.state.label, around)
        loop.leader, loop.shown = leader, leader.shown
        if loop.axis not in shown.zips:
            shown.zips = (*shown.zips, loop.axis)
            self._cover(leader.shown)

    def _axis(self, over: Tree, label: str, around: Passes) -> int:
        within = tuple(sorted(around))
        at = tuple(around[axis] for axis in within)
        for number in self._groups.setdefault(("axis", over, within), []):
            if at not in self.axes[number].instances:
                self.axes[number].instances.add(at)
                return number
        number = len(self.axes)
        self.axes.append(AxisRecord(label, over, (), within, {at}))
        self._groups["axis", over, within].append(number)
        return number

    def _around(self, until: _OpenLoop | None = None) -> Passes:
        """Return the passes of the loops that are running (around a loop: of those before it)."""
        passes: Passes = {}
        for loop in self._open:
            if loop is not until and loop.at >= 0 and loop.leader is None:
                passes[loop.shown] = loop.at
        return passes

    # Passes

    def expand(self, passes: Mapping[int, int]) -> Passes:
        """Add to passes those of the loops that run in step under a joined one."""
        expanded = dict(passes)
        for axis, at in passes.items():
            for covered in self._covers.get(axis, ()):
                expanded[covered] = at
        return expanded

    def _cover(self, axis: int) -> None:
        covered: list[int] = []
        for joined in self.axes[axis].zips:
            covered += [joined, *self._covers.get(joined, ())]
        self._covers[axis] = tuple(covered)

    def _merged(self, several: list[Passes], place: str) -> Passes:
        """Join the passes of several values; they must agree on every loop."""
        merged: Passes = {}
        for passes in several:
            for axis, at in passes.items():
                if merged.setdefault(axis, at) != at:
                    self._refuse_fold(axis, place)
        for axis in [a for a in merged if a in self._covers]:
            for covered in self._covers[axis]:
                if merged.pop(covered, merged[axis]) != merged[axis]:
                    self._refuse_fold(covered, place)
        return merged

    def _refuse_fold(self, axis: int, place: str) -> NoReturn:
        raise BuildError(
            f"{self.place}: {place} uses results of two different items of the loop over "
            f"{self.axes[axis].label}: this loop carries a value from one item to the next; give "
            "the whole list to one task that does the loop inside"
        )

    # Calls

    def call(
        self, function: Recordable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Reference:
        """Record a call of a task or a pipeline."""
        place = f"{self.place}: call of {function.kind} {function.__name__!r}"
        given = bind(function, args, kwargs, place)
        inputs: dict[str, Tree] = {}
        around = self._around() if self._open else {}
        several: list[Passes] = [around]
        lists: dict[str, Any] = {}
        for name, value in given.items():
            if isinstance(value, Reference):
                state = self._own(value, place)
                inputs[name] = state.tree
                several.append(state.passes)
            elif type(value) in _ATOMS:
                inputs[name] = ("value", value, type(value))
            else:
                lists[name] = list(value) if isinstance(value, _ITERATORS) else value
                inputs[name] = ()
        after = tuple(self._after(function, several, place))
        passes = self._merged(several, place) if any(several) else {}
        for name, value in lists.items():
            inputs[name], more = self._value(value, passes, f"{place}, argument {name!r}")
            passes = self._merged([passes, more], place) if more else passes
        number = self._node(function, inputs, passes, after)
        node = self.nodes[number]
        shown = {axis: passes[base] for axis, base in zip(node.axes, node.joined, strict=True)}
        label = f"the result of {function.__name__!r}"
        return Reference(State(self, ("node", number, ()), shown, label))

    def _own(self, reference: Reference, place: str) -> State:
        state = state_of(reference)
        if state.recording is not self:
            raise BuildError(f"{place}: {state.label} belongs to another pipeline's build")
        return state

    def _after(
        self, function: Recordable[..., Any], several: list[Passes], place: str
    ) -> Iterator[int]:
        after = function.settings.get("after")
        if after is None:
            return
        for reference in after if isinstance(after, list | tuple) else (after,):
            if not isinstance(reference, Reference) or state_of(reference).tree[0] != "node":
                raise BuildError(f"{place}: after= takes results of tasks, not {reference!r:.60}")
            state = self._own(reference, place)
            several.append({a: at for a, at in state.passes.items() if a in several[0]})
            yield state.tree[1]

    def _value(self, value: Any, around: Passes, place: str) -> tuple[Tree, Passes]:
        """Return the tree of an argument that is neither a reference nor an atom."""
        if isinstance(value, Reference):
            state = self._own(value, place)
            return state.tree, state.passes
        if isinstance(value, _ITERATORS):
            value = list(value)
        if type(value) is list and _holds_reference(value):
            elements = [self._value(item, around, place) for item in value]
            return Folding(self.items, self.expand, place).fold(elements, around)
        if _holds_reference(value):
            raise BuildError(
                f"{place}: a {type(value).__name__} that holds results is no argument; pass a "
                "list, or each result as an argument of its own"
            )
        return ("value", Captured(value)), {}

    def _node(
        self,
        function: Recordable[..., Any],
        inputs: dict[str, Tree],
        passes: Passes,
        after: tuple[int, ...],
    ) -> int:
        if not passes:
            self.nodes.append(NodeRecord(function, inputs, (), after))
            return len(self.nodes) - 1
        axes = tuple(sorted(passes))
        at = tuple(passes[axis] for axis in axes)
        settings = {k: v for k, v in function.settings.items() if k != "after"}
        key = (function.__wrapped__, repr(settings), tuple(inputs.items()), axes, after)
        group = self._groups.setdefault(key, [])
        for number in group:
            if at not in self.nodes[number].instances:
                self.nodes[number].instances.add(at)
                return number
        number = len(self.nodes)
        shown = self._shown(axes, self._ties.nodes.get(number, ()))
        node = NodeRecord(function, inputs, tuple(shown), after, tuple(shown.values()), {at})
        self.nodes.append(node)
        group.append(number)
        return number

    def _shown(self, axes: tuple[int, ...], ties: tuple[tuple[int, ...], ...]) -> dict[int, int]:
        """Return the loops of a node, each with the axis whose passes tell its pass."""
        shown = {axis: axis for axis in axes}
        for bases in ties:
            if bases not in self._tied:
                label = " and ".join(self.axes[base].label for base in bases)
                within = self.axes[bases[0]].within
                self._tied[bases] = len(self.axes)
                self.axes.append(AxisRecord(label, None, bases, within))
                self._cover(self._tied[bases])
            for base in bases:
                del shown[base]
            shown[self._tied[bases]] = bases[0]
        return dict(sorted(shown.items()))

    # The end

    def result(self, value: Any) -> tuple[Tree, Passes]:
        """Return the tree of what the code returned."""
        place = f"{self.place}: what it returns"
        tree, passes = self._value(value, {}, place)
        if passes:
            self._refuse_lone(place, next(iter(passes)))
        return tree, passes

    def finish(self) -> None:
        """Check that every loop ran to its end and every call has its twins.

        Raises:
            BuildError: One did not, or has not.
            Retied: Results were zipped in Python; record again knowing so.
        """
        for loop in self._open:
            if not loop.done and loop.at >= 0 and not (loop.leader and loop.at == self.items - 1):
                raise BuildError(
                    f"{self.place}: the loop over {loop.state.label} does not run to its end "
                    "(break, return, next(), or unpacking); select the items in a task"
                )
        for number, node in enumerate(self.nodes):
            if node.axes and len(node.instances) != self.items ** len(node.axes):
                self._tie(number, node)

    def _tie(self, number: int, node: NodeRecord) -> None:
        """Find axes that always had the same pass: results zipped in Python."""
        place = f"{self.place}: {node.function.kind} {node.function.__name__!r}"
        instance = next(iter(node.instances))
        groups: list[set[int]] = [{position} for position in range(len(instance))]
        for a, b in combinations(range(len(instance)), 2):
            if all(at[a] == at[b] for at in node.instances):
                first = next(group for group in groups if a in group)
                second = next(group for group in groups if b in group)
                if first is not second:
                    first |= second
                    groups.remove(second)
        fewer = len(groups) < len(instance) and number not in self._ties.nodes
        if not fewer or len(node.instances) != self.items ** len(groups):
            self._refuse_lone(place, node.axes[-1])
        tied = tuple(
            tuple(node.axes[position] for position in sorted(group))
            for group in groups
            if len(group) > 1
        )
        raise Retied(Ties(self._ties.zips, {**self._ties.nodes, number: tied}))

    def _refuse_lone(self, place: str, axis: int) -> NoReturn:
        label = self.axes[axis].label
        raise BuildError(
            f"{place} is not used in the same way for each item of the loop over {label}: in "
            "Python this is one item (xs[0], xs[-1], a variable left over after the loop, a first-"
            "item case, enumerate, a counter); collect a list, or select the item in a task"
        )


class Captured:
    """A literal argument as it was at the call; compares by type and value."""

    __slots__ = ("_text", "value")

    def __init__(self, value: Any) -> None:
        from copy import deepcopy

        self.value = deepcopy(value)
        self._text = repr(self.value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Captured) and self._text == other._text

    def __hash__(self) -> int:
        return hash(self._text)


def _holds_reference(value: Any) -> bool:
    """Say whether a value is or contains a reference, also deep in containers and objects."""
    if isinstance(value, Reference):
        return True
    if isinstance(value, list | tuple | set | frozenset):
        return any(map(_holds_reference, value))
    if isinstance(value, Mapping):
        return any(map(_holds_reference, value.values()))
    if isinstance(value, _ITERATORS):
        return True
    inside = getattr(value, "__dict__", None)
    return isinstance(inside, dict) and any(isinstance(v, Reference) for v in inside.values())


def bind(
    function: Recordable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], place: str
) -> dict[str, Any]:
    """Match the arguments of a call to the names of a function's arguments.

    Raises:
        BuildError: They do not match; the message shows the signature.
    """
    from dagger_providers.card.functions import signature_text

    plain = function.__wrapped__
    code = plain.__code__
    count = code.co_argcount
    known = code.co_varnames[: count + code.co_kwonlyargcount]
    given = dict(zip(known, args, strict=False))
    problem = ""
    if len(args) > count:
        problem = f"{len(args)} positional arguments"
    for name, value in kwargs.items():
        if name in given:
            problem = f"two values for {name!r}"
        if name not in known and not code.co_flags & 0x08:
            problem = f"no argument {name!r}"
        given[name] = value
    if not problem and len(given) < len(known):
        optional = len(plain.__defaults__ or ())
        needed = known[: count - optional]
        only = [n for n in known[count:] if n not in (plain.__kwdefaults__ or {})]
        missing = [name for name in (*needed, *only) if name not in given]
        problem = f"argument {', '.join(missing)} is missing" if missing else ""
    if problem:
        raise BuildError(f"{place}: {problem}; it takes {signature_text(function)}")
    return given
