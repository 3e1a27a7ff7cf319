"""Record the calls of one run through a pipeline's code.

Every recorded `for` yields a few symbolic items, told apart by the loop (its *axis*) and the pass.
A node is the content of a call with the passes left out; it must have been called once in every
combination of passes of its loops (its *twins*), or the code treats items differently.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain, starmap
from types import GeneratorType
from typing import Any

from dagger_providers.card import Stored
from dagger_providers.dsl.axes import Axes
from dagger_providers.dsl.calls import bind
from dagger_providers.dsl.composers import Composition
from dagger_providers.dsl.decorators import Recordable
from dagger_providers.dsl.folding import Folding
from dagger_providers.dsl.lengths import Known, Lengths, Sources
from dagger_providers.dsl.loops import Loops
from dagger_providers.dsl.records import Captured, Insight, NodeRecord
from dagger_providers.dsl.references import Passes, Reference, State, Tree, path_text, state_of
from dagger_providers.errors import BuildError

_ITERATORS: tuple[type[Iterator[Any]], ...] = (
    *(GeneratorType, zip, map, filter, enumerate, reversed, chain, starmap),
    *(type(iter([])), type(reversed([]))),
)
_ATOMS = frozenset({str, int, bool, type(None)})  # no float: 0.0 equals -0.0
_ONCE: set[tuple[int, ...]] = set()
_NOWHERE: Passes = {}


class Recording:
    """The calls and loops of one run through the code.

    Args:
        lengths: How many symbolic items loops yield.
        known: What earlier recordings of the same code found that loops run over.
        insight: What earlier recordings of the same code have shown.
        place: What messages call the pipeline.

    Attributes:
        nodes: The nodes in order of their first call.
        axes: The loops in order of their first item.
        loops: The loops that are running.
        refusals: What is wrong, unless a later recording that knows more gets by without it.
    """

    def __init__(self, lengths: Lengths, known: Known, insight: Insight, place: str) -> None:
        self.items = lengths.items
        self.insight = insight
        self.place = place
        self.nodes: list[NodeRecord] = []
        self.axes = Axes(self.label, lengths, insight, place)
        sources = Sources(known, self.nodes, self.axes.records)
        self.loops = Loops(self.axes, sources, insight.zips, self._tick, place)
        self.refusals: list[BuildError] = []
        self._running = self.loops.running
        self._clock = 0
        self._elements = 0
        self._alike: dict[Any, list[int]] = {}

    @property
    def work(self) -> int:
        """How much there was to record: calls, loops and elements of lists."""
        return self._clock + self._elements + 1

    def _tick(self) -> int:
        self._clock += 1
        return self._clock

    def parameter(self, name: str) -> Reference:
        """Return what stands for a parameter of the pipeline."""
        return Reference(State(self, ("param", name, ()), _NOWHERE))

    def artifact(self, found: Stored) -> Reference:
        """Return what stands for a value at a location of its own."""
        return Reference(State(self, ("artifact", found, ()), _NOWHERE))

    def open_loop(self, state: State) -> Iterator[Reference]:
        """Start a loop over a reference and yield its symbolic items."""
        self._check_own(state)
        passes = self.loops.open(state)
        return (Reference(State(self, ("item", axis, ()), at)) for axis, at in passes)

    def label(self, tree: Tree) -> str:
        """Return what messages call a value."""
        match tree:
            case ("param", name, path):
                return f"parameter {name!r}{path_text(path)}"
            case ("node", number, path):
                name = self.nodes[number].function.__name__
                return f"the result of {name!r}{path_text(path)}"
            case ("artifact", found, path):
                return f"artifact {found.uri!r}{path_text(path)}"
            case ("item", axis, path):
                return f"an item of {self.axes.label(axis)}{path_text(path)}"
            case _:
                return "a list"

    # Calls

    def call(
        self, function: Recordable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Reference:
        """Record a call of a task or a pipeline."""
        inputs: dict[str, Any] = {}
        several: list[Passes] = [self.loops.around()] if self._running else []
        others: dict[str, Any] = {}
        serial = self._clock = self._clock + 1
        if isinstance(function, Composition):
            bound = function.bound(args, kwargs, self.place)
        else:
            bound = bind(function, args, kwargs, self.place)
        for name, value in bound.items():
            kind = type(value)
            if kind is Reference:
                state = state_of(value)
                self._check_own(state)
                inputs[name] = state.tree
                if state.passes:
                    several.append(state.passes)
            elif kind in _ATOMS:
                inputs[name] = ("value", value, kind)
            else:
                inputs[name] = None  # keeps the order of the arguments
                others[name] = list(value) if isinstance(value, _ITERATORS) else value
        after = self._after(function, several) if "after" in function.settings else ()
        passes = _NOWHERE
        if several or others or self.insight.inside:
            what = f"call of {function.kind} {function.__name__!r}"
            passes = self.axes.merged((self.axes.inside(serial), *several), what)
            passes = self._add_others(inputs, others, passes, what)
        if passes:
            return self._looped(function, inputs, passes, after, serial)
        number = len(self.nodes)
        self.nodes.append(NodeRecord(serial, (), (), _ONCE, function, inputs, after))
        return Reference(State(self, ("node", number, ()), _NOWHERE))

    def _add_others(
        self, inputs: dict[str, Any], others: dict[str, Any], passes: Passes, what: str
    ) -> Passes:
        """Add the arguments that are lists or literals; return the passes with theirs."""
        for name, value in others.items():
            inputs[name], more = self._value(value, passes, f"{what}, argument {name!r}")
            passes = self.axes.merged((passes, more), what) if more else passes
        return passes

    def _looped(
        self,
        function: Recordable[..., Any],
        inputs: dict[str, Tree],
        passes: Passes,
        after: tuple[int, ...],
        serial: int,
    ) -> Reference:
        """Record a call that depends on loops: a twin of an earlier one, or a new node."""
        keys = tuple(sorted(passes))
        at = tuple(passes[axis] for axis in keys)
        content = (function.identity, tuple(inputs.items()), keys, after)
        alike = self._alike.setdefault(content, [])
        for number in alike:
            node = self.nodes[number]
            if at not in node.instances:
                node.instances.add(at)
                break
        else:
            number = len(self.nodes)
            within = self.axes.shown(keys, serial)
            node = NodeRecord(serial, within, keys, {at}, function, inputs, after)
            self.nodes.append(node)
            alike.append(number)
        shown = self.axes.passes_of(keys, node.within, passes)
        return Reference(State(self, ("node", number, ()), shown))

    def _after(self, function: Recordable[..., Any], several: list[Passes]) -> tuple[int, ...]:
        """Return the nodes that a call runs after, and add what passes it shares with them."""
        given = function.settings["after"]
        around = {axis for passes in several for axis in passes}
        numbers: dict[int, None] = {}
        for reference in given if isinstance(given, list | tuple) else (given,):
            if not isinstance(reference, Reference) or state_of(reference).tree[0] != "node":
                raise BuildError(
                    f"{self.place}: after= of {function.__name__!r} takes results of tasks, not "
                    f"{reference!r:.60}"
                )
            state = state_of(reference)
            self._check_own(state)
            several.append({axis: at for axis, at in state.passes.items() if axis in around})
            numbers[state.tree[1]] = None
        return tuple(numbers)

    def _check_own(self, state: State) -> None:
        if state.recording is not self:
            raise BuildError(
                f"{self.place}: {state.label} belongs to the build of another pipeline; pass it "
                "as an argument, or return it there"
            )

    # Values

    def result(self, value: Any) -> Tree:
        """Return the tree of what the code returned."""
        tree, passes = self._value(value, {}, "what it returns")
        if passes:
            axis = self.axes.label(next(iter(passes)))
            self.refusals.append(lone(f"{self.place}: what it returns", axis))
        return tree

    def _value(self, value: Any, around: Passes, what: str) -> tuple[Tree, Passes]:
        """Return the tree of an argument, and the passes that it depends on."""
        if isinstance(value, Reference):
            state = state_of(value)
            self._check_own(state)
            return state.tree, state.passes
        if type(value) in _ATOMS:
            return ("value", value, type(value)), {}
        if isinstance(value, Composition):
            raise BuildError(
                f"{self.place}: {what}: {value!r} is not called yet; write "
                f"{value.kind}(...)(arguments)"
            )
        if isinstance(value, _ITERATORS):
            value = list(value)
        if type(value) is list and holds_reference(value):
            elements = [self._value(item, around, what) for item in value]
            self._elements += len(elements)
            folded = Folding(self.axes).fold(elements, around)
            if folded is not None:
                return folded
            self.refusals.append(_unfolded(f"{self.place}: {what}"))
            return ("unfolded", tuple(dict.fromkeys(tree for tree, _ in elements))), {}
        if holds_reference(value):
            raise BuildError(
                f"{self.place}: {what}: a {type(value).__name__} that holds results is no "
                "argument; pass a list, or each result as an argument of its own"
            )
        return ("value", Captured(value), type(value)), {}


def lone(what: str, label: str) -> BuildError:
    """Return the refusal of what is done to one item of a loop only."""
    return BuildError(
        f"{what} is not used in the same way for each item of the loop over {label}: in Python "
        "this is one item (xs[0], xs[-1], a variable left over after the loop, a first-item case, "
        "enumerate, a counter, zip with a list put together otherwise); collect a list, or select "
        "the item in a task"
    )


def _unfolded(what: str) -> BuildError:
    return BuildError(
        f"{what}: the list holds only some of a loop's results, or not in the loop's order, or "
        "numbers them; give the whole list, in order, and select, reorder or number in a task"
    )


def holds_reference(value: Any) -> bool:
    """Say whether a value is or contains a reference, also deep in containers and objects."""
    if isinstance(value, Reference):
        return True
    if isinstance(value, list | tuple | set | frozenset):
        return any(map(holds_reference, value))
    if isinstance(value, Mapping):
        return any(map(holds_reference, value.values()))
    if isinstance(value, _ITERATORS):
        return True
    inside = getattr(value, "__dict__", None)
    return isinstance(inside, dict) and any(isinstance(v, Reference) for v in inside.values())
