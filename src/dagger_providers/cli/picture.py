"""What a picture of a pipeline shows: nodes, the frames that they stand in, and arrows.

Steps that planning added are not among them: frames and arrows say what they are for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from dagger_providers.card import (
    Axis,
    Binding,
    Card,
    Carried,
    Choice,
    Element,
    NodeOutput,
    Parameter,
)
from dagger_providers.errors import counted
from dagger_providers.model import DAG, Repeat
from dagger_providers.planning import Plan
from dagger_providers.planning.groups import owners_of
from dagger_providers.planning.plan import Hook
from dagger_providers.planning.reading import needs_of, parts_of


@dataclass(frozen=True, slots=True)
class Node:
    """A task, a parameter, the place where a switch chooses, or a hook, which runs at the end."""

    id: str
    label: str
    kind: Literal["task", "parameter", "switch", "hook"]


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands together.

    Attributes:
        id: Its id.
        label: What it is.
        kind: A loop, a case of a switch, where a node did not fail (a guard), one container, or
            a pipeline that has hooks.
        parts: What stands in it.
    """

    id: str
    label: str
    kind: Literal["loop", "case", "guard", "container", "pipeline"]
    parts: list[Part] = field(default_factory=list)

    def nodes(self) -> Iterator[Node]:
        """Yield the nodes inside, also those of frames inside."""
        for part in self.parts:
            if isinstance(part, Node):
                yield part
            else:
                yield from part.nodes()


Part = Node | Frame


@dataclass(frozen=True, slots=True)
class Arrow:
    """From a node or a frame to another, by their ids.

    Attributes:
        source: Where it starts.
        target: Where it ends.
        kind: What is read (data, a parameter), which case a switch chose, the way to the next
            turn, what is only waited for, or from a pipeline to its hook.
        label: What is written at it.
    """

    source: str
    target: str
    kind: Literal["data", "parameter", "case", "turn", "after", "hook"] = "data"
    label: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """A pipeline, ready to be drawn."""

    parts: list[Part]
    arrows: list[Arrow]


def picture(dag: DAG, lowered: Plan) -> Picture:
    """Return what a picture of a pipeline shows."""
    layout = _Layout(dag, lowered.axes)
    layout.hooked = {_pipeline_of(h): h.step.card.within for h in lowered.hooks}
    for name in lowered.parameters:
        layout.parameters[name] = layout.add(name)
    for step in lowered.steps.values():
        if step.card.executes:
            layout.place(step.card, layout.whole)
    for hook in lowered.hooks:
        layout.place_hook(hook)
    arrows = dict.fromkeys((*_arrows(layout), *_waits(layout, lowered)))
    lifted: dict[str, str] = {}
    parts = [_lift(part, lifted) for part in layout.whole.parts]
    drawn = [replace(a, target=lifted.get(a.target, a.target)) for a in arrows]
    return Picture(parts, drawn)


@dataclass(slots=True)
class _Layout:
    """Which nodes and frames there are, and what each of them reads.

    Attributes:
        dag: The pipeline.
        axes: All axes of its plan.
        whole: Stands for the whole picture.
        parameters: The node of each parameter.
        parts: The node or frame of each card, by its address.
        readers: What reads a binding, and the binding.
        hooked: The pipelines that have hooks, by what their addresses begin with, and the axes
            that they run in.
        choices: The arrows from a switch to its cases.
        ends: The arrows from pipelines to their hooks.
        repeated: The frames of repetitions, and what says that one is done.
    """

    dag: DAG
    axes: Mapping[str, Axis]
    whole: Frame = field(default_factory=lambda: Frame("", "", "container"))
    parameters: dict[str, Node] = field(default_factory=dict)
    parts: dict[str, Part] = field(default_factory=dict)
    readers: list[tuple[Part, Element]] = field(default_factory=list)
    hooked: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    choices: list[Arrow] = field(default_factory=list)
    ends: list[Arrow] = field(default_factory=list)
    repeated: list[tuple[Frame, Binding]] = field(default_factory=list)
    _frames: dict[tuple[str, str], Frame] = field(default_factory=dict)
    _switches: dict[tuple[str, str], Node] = field(default_factory=dict)
    _count: int = 0

    def add(self, parameter: str) -> Node:
        """Add a parameter, which stands outside all frames."""
        node = Node(self._id("p"), parameter, "parameter")
        self.whole.parts.append(node)
        return node

    def place_hook(self, hook: Hook) -> None:
        """Add a hook beside its pipeline, inside the frames of that one's axes."""
        card, own = hook.step.card, _pipeline_of(hook)
        outer = [name for name in self.hooked if name != own and own.startswith(name)]
        around = self._around(card, self.whole, 0, outer)
        function = card.function.rpartition(":")[2]
        node = Node(self._id("h"), f"{hook.address}: {function}", "hook")
        around.parts.append(node)
        self.ends.append(Arrow(self._frame(own, around).id, node.id, "hook"))

    def place(self, card: Card, around: Frame, known: int = 0) -> None:
        """Add the node of a card, or the frame of its body, inside the frames of its axes.

        Args:
            card: The card.
            around: The frame that it stands in.
            known: How many of its axes that frame stands for.
        """
        outermost = around is self.whole
        hooked = [name for name in self.hooked if outermost and card.address.startswith(name)]
        around = self._around(card, around, known, hooked)
        if not card.body:
            node = self.parts[card.address] = Node(self._id("n"), card.address, "task")
            around.parts.append(node)
            self.readers += [(node, binding) for binding in card.inputs.values()]
            return
        frame = self.parts[card.address] = Frame(self._id("f"), self._title(card), "container")
        around.parts.append(frame)
        if card.turns is not None:
            self.repeated.append((frame, card.turns.until))
        for stage in card.body:
            for inner in stage.cards:
                self.place(inner, frame, len(card.within))

    def _around(self, card: Card, around: Frame, known: int, hooked: Sequence[str]) -> Frame:
        """Return the innermost frame of a card's axes, and of the pipelines around it."""
        around = self._in_pipelines(hooked, 0, around)
        for depth, name in enumerate(card.within[known:], known + 1):
            if not self.axes[name].turns:  # the frame of the repetition stands for its turns
                around = self._frame(name, around)
            around = self._in_pipelines(hooked, depth, around)
        return around

    def _in_pipelines(self, hooked: Sequence[str], depth: int, around: Frame) -> Frame:
        for name in sorted(hooked, key=len):
            if len(self.hooked[name]) == depth:
                around = self._frame(name, around)
        return around

    def _id(self, letter: str) -> str:
        self._count += 1
        return f"{letter}{self._count}"

    def _title(self, card: Card) -> str:
        node = self.dag.node(card.address) if card.turns else None
        if isinstance(node, Repeat):
            turns = f"at most {counted(node.max_iterations, 'turn')}"
            return f"{card.address}: repeat until {node.until}, {turns}, one container"
        return f"{card.address}: one container"

    def _frame(self, name: str, around: Frame) -> Frame:
        key = around.id, name
        if key not in self._frames:
            self._frames[key] = (
                Frame(self._id("f"), name.rstrip(".") or self.dag.name, "pipeline")
                if name in self.hooked
                else self._new_frame(name, self.axes[name], around)
            )
            around.parts.append(self._frames[key])
        return self._frames[key]

    def _new_frame(self, name: str, axis: Axis, around: Frame) -> Frame:
        if axis.choice is not None:
            frame = Frame(self._id("f"), name, "case")
            switch = self._switch(axis, axis.choice, around)
            self.choices.append(Arrow(switch.id, frame.id, "case", _values(axis.choice)))
        elif axis.survives:
            frame = Frame(self._id("f"), f"if {axis.survives} did not fail", "guard")
        else:
            frame = Frame(self._id("f"), f"for each of {name}", "loop")
            self.readers += [(frame, over) for over in self._lists(axis)]
        return frame

    def _switch(self, axis: Axis, choice: Choice, around: Frame) -> Node:
        key = around.id, choice.switch
        if key not in self._switches:
            node = self._switches[key] = Node(
                self._id("s"), choice.switch.rpartition(".")[2], "switch"
            )
            around.parts.append(node)
            self.readers += [(node, over) for over in self._lists(axis)]
        return self._switches[key]

    def _lists(self, axis: Axis) -> Iterator[Element]:
        if axis.over is not None:
            yield axis.over
        for name in axis.zips:
            yield from self._lists(self.axes[name])


def _pipeline_of(hook: Hook) -> str:
    """Return what the addresses of a hook's pipeline begin with: `inner.`; empty: the whole."""
    return hook.address.removesuffix(hook.step.card.when)


def _values(choice: Choice) -> str:
    """Return the values that choose a case."""
    values = [repr(value) for name, value in choice.cases if name == choice.case]
    return " or ".join([*values, *(["otherwise"] if choice.default == choice.case else [])])


def _lift(part: Part, lifted: dict[str, str]) -> Part:
    """Return a part without frames of cases that hold one thing only: the arrow says it all."""
    if isinstance(part, Node):
        return part
    parts = [_lift(inner, lifted) for inner in part.parts]
    if part.kind == "case" and len(parts) == 1:
        lifted[part.id] = parts[0].id
        return parts[0]
    return replace(part, parts=parts)


def _arrows(layout: _Layout) -> Iterator[Arrow]:
    for part, binding in layout.readers:
        for leaf in _sources(binding, layout.axes):
            if isinstance(leaf, Parameter):
                yield Arrow(layout.parameters[leaf.name].id, part.id, "parameter")
            else:
                yield Arrow(layout.parts[leaf.address].id, part.id)
    yield from layout.choices
    yield from layout.ends
    for frame, until in layout.repeated:
        for leaf in _sources(until, layout.axes):
            if isinstance(leaf, NodeOutput):
                first = next(frame.nodes()).id
                yield Arrow(layout.parts[leaf.address].id, first, "turn", "next turn")


def _sources(element: Element, axes: Mapping[str, Axis]) -> Iterator[Parameter | NodeOutput]:
    """Yield what a binding reads; the items of a loop come with the loop's frame."""
    inner: tuple[Element, ...] = ()
    match element:
        case Parameter() | NodeOutput():
            yield element
        case Carried(turns=turns, name=name):
            inner = (axes[turns].carried[name].first,)  # the arrow back is for the other turns
        case _:
            inner = parts_of(element)
    for part in inner:
        yield from _sources(part, axes)


def _waits(layout: _Layout, lowered: Plan) -> Iterator[Arrow]:
    """Yield arrows from steps that others wait for and do not read."""
    owners = owners_of(lowered.steps.values())
    for address, step in lowered.steps.items():
        read = {a for card in (step.card, *step.card.every()) for a in needs_of(card)}
        read |= {owners.get(a, a) for a in read}
        for need in step.needs:
            if address in layout.parts and need in layout.parts and need not in read:
                yield Arrow(layout.parts[need].id, layout.parts[address].id, "after", "after")
