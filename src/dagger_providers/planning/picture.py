"""What a picture of a pipeline shows: nodes, the frames that they stand in, and arrows.

Steps that planning added are not among them: frames and arrows say what they are for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
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
    Stored,
)
from dagger_providers.errors import counted
from dagger_providers.model.nodes import TURN
from dagger_providers.planning.outline import Outline
from dagger_providers.planning.reading import needs_of, parts_of


@dataclass(frozen=True, slots=True)
class Node:
    """A task, a parameter, an artifact, where a switch chooses, or a hook, which runs at the end.

    Attributes:
        id: Its id.
        label: What it is.
        kind: Which of these.
        address: Of a task or a hook.
    """

    id: str
    label: str
    kind: Literal["task", "parameter", "artifact", "switch", "hook"]
    address: str = ""


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands together.

    Attributes:
        id: Its id.
        label: What it is.
        kind: A loop, a case of a switch, where a node did not fail (a guard), one container, or
            a pipeline: a nested one, or one that has hooks.
        parts: What stands in it.
        name: The axis, or the address of what has one container or of the pipeline.
    """

    id: str
    label: str
    kind: Literal["loop", "case", "guard", "container", "pipeline"]
    parts: list[Part] = field(default_factory=list)
    name: str = ""

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


def picture(outline: Outline) -> Picture:
    """Return what a picture of a pipeline shows."""
    layout = _Layout(outline)
    for name in outline.parameters:
        layout.parameters[name] = layout.add(name)
    for card in outline.steps.values():
        if card.executes:
            layout.place(card, layout.whole)
    for hook in outline.hooks:
        layout.place_hook(hook)
    arrows = dict.fromkeys((*_arrows(layout), *_waits(layout)))
    lifted: dict[str, str] = {}
    parts = [_lift(part, lifted) for part in layout.whole.parts]
    drawn = [replace(a, target=lifted.get(a.target, a.target)) for a in arrows]
    return Picture(parts, drawn)


@dataclass
class _Layout:
    """Which nodes and frames there are, and what each of them reads.

    Attributes:
        outline: The pipeline.
        whole: Stands for the whole picture.
        parameters: The node of each parameter.
        artifacts: The node of each artifact, by its URI.
        parts: The node or frame of each card, by its address.
        readers: What reads a binding, and the binding.
        choices: The arrows from a switch to its cases.
        ends: The arrows from pipelines to their hooks.
        repeated: The frames of repetitions, and what says that one is done.
    """

    outline: Outline
    whole: Frame = field(default_factory=lambda: Frame("", "", "container"))
    parameters: dict[str, Node] = field(default_factory=dict)
    artifacts: dict[str, Node] = field(default_factory=dict)
    parts: dict[str, Part] = field(default_factory=dict)
    readers: list[tuple[Part, Element]] = field(default_factory=list)
    choices: list[Arrow] = field(default_factory=list)
    ends: list[Arrow] = field(default_factory=list)
    repeated: list[tuple[Frame, Binding]] = field(default_factory=list)
    _frames: dict[tuple[str, str], Frame] = field(default_factory=dict)
    _switches: dict[tuple[str, str], Node] = field(default_factory=dict)
    _opened: dict[str, frozenset[str]] = field(default_factory=lambda: {"": frozenset()})
    _count: int = 0

    @property
    def axes(self) -> Mapping[str, Axis]:
        """All axes of the plan."""
        return self.outline.axes

    def add(self, parameter: str) -> Node:
        """Add a parameter, which stands outside all frames."""
        node = Node(self._id("p"), parameter, "parameter")
        self.whole.parts.append(node)
        return node

    def artifact(self, uri: str) -> Node:
        """Return the node of an artifact, which stands outside all frames."""
        if uri not in self.artifacts:
            node = self.artifacts[uri] = Node(self._id("a"), uri, "artifact")
            self.whole.parts.append(node)
        return self.artifacts[uri]

    def place_hook(self, card: Card) -> None:
        """Add a hook beside its pipeline, inside the frames of that one's axes."""
        own = _pipeline_of(card)
        around = self._around(card, self.whole, 0)
        if own:
            around = self._pipelines(own.rpartition(".")[0], around)
        function = card.function.rpartition(":")[2]
        node = Node(self._id("h"), f"{card.address}: {function}", "hook", card.address)
        around.parts.append(node)
        self.ends.append(Arrow(self._pipelines(own, around).id, node.id, "hook"))

    def place(self, card: Card, around: Frame, known: int = 0) -> None:
        """Add the node of a card, or the frame of its body, inside the frames of its axes.

        Args:
            card: The card.
            around: The frame that it stands in.
            known: How many of its axes that frame stands for.
        """
        around = self._around(card, around, known)
        around = self._pipelines(card.address.rpartition(".")[0], around)
        if not card.body:
            node = Node(self._id("n"), card.address, "task", card.address)
            self.parts[card.address] = node
            around.parts.append(node)
            self.readers += [(node, binding) for binding in card.inputs.values()]
            return
        frame = Frame(self._id("f"), self._title(card), "container", name=card.address)
        self.parts[card.address] = frame
        self._put(frame, around)
        if card.turns is not None:
            self.repeated.append((frame, card.turns.until))
        for stage in card.body:
            for inner in stage.cards:
                self.place(inner, frame, len(card.within))

    def _around(self, card: Card, around: Frame, known: int) -> Frame:
        """Return the innermost frame of a card's axes, each in that of its pipeline."""
        for name in card.within[known:]:
            if not self.axes[name].turns:  # the frame of the repetition stands for its turns
                around = self._frame(name, self._pipelines(_home(name, self.axes[name]), around))
        return around

    def _pipelines(self, prefix: str, around: Frame) -> Frame:
        """Return the frame of the pipeline at an address, inside a frame, and those around it."""
        if prefix:
            around = self._pipelines(prefix.rpartition(".")[0], around)
        if prefix not in self.framed or prefix in self._opened[around.id]:
            return around
        key = around.id, f"{prefix}."  # no axis has such a name
        if key not in self._frames:
            title = prefix.rpartition(".")[2] or self.outline.name
            frame = self._frames[key] = Frame(self._id("f"), title, "pipeline", name=prefix)
            self._put(frame, around, prefix)
        return self._frames[key]

    def _put(self, frame: Frame, around: Frame, *pipelines: str) -> None:
        """Put a frame into another, and note which pipelines' frames it stands in."""
        around.parts.append(frame)
        self._opened[frame.id] = self._opened[around.id].union(pipelines)

    @cached_property
    def framed(self) -> frozenset[str]:
        """The addresses of pipelines with a frame of their own.

        They are those with hooks, and nested ones but a case of a switch, or what is repeated,
        which have a frame of another kind.
        """
        paths = (address.split(".") for address in self.outline.cards)
        prefixes = {".".join(p[:n]) for p in paths for n in range(1, len(p))}
        choices = [axis.choice for axis in self.axes.values() if axis.choice is not None]
        others = {choice.switch for choice in choices} | set(self.outline.until)
        others |= {f"{choice.switch}.{choice.case}" for choice in choices}
        others |= {f"{address}.{TURN}" for address in self.outline.until}
        return frozenset(prefixes - others) | {_pipeline_of(card) for card in self.outline.hooks}

    def _id(self, letter: str) -> str:
        self._count += 1
        return f"{letter}{self._count}"

    def _title(self, card: Card) -> str:
        until = self.outline.until.get(card.address)
        if card.turns is not None and until:
            turns = f"at most {counted(card.turns.max_iterations, 'turn')}"
            return f"{card.address}: repeat until {until}, {turns}, one container"
        return f"{card.address}: one container"

    def _frame(self, name: str, around: Frame) -> Frame:
        key = around.id, name
        if key not in self._frames:
            frame = self._frames[key] = self._new_frame(name, self.axes[name], around)
            self._put(frame, around)
        return self._frames[key]

    def _new_frame(self, name: str, axis: Axis, around: Frame) -> Frame:
        if axis.choice is not None:
            frame = Frame(self._id("f"), name, "case", name=name)
            switch = self._switch(axis, axis.choice, around)
            self.choices.append(Arrow(switch.id, frame.id, "case", _values(axis.choice)))
        elif axis.survives:
            label = f"if {axis.survives} did not fail"
            frame = Frame(self._id("f"), label, "guard", name=name)
        else:
            frame = Frame(self._id("f"), f"for each of {name}", "loop", name=name)
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


def _pipeline_of(hook: Card) -> str:
    """Return the address of a hook's pipeline; empty: the whole."""
    return hook.address.removesuffix(hook.when).rstrip(".")


def _home(name: str, axis: Axis) -> str:
    """Return the address of the pipeline that an axis belongs to; empty: the whole."""
    if axis.choice is not None:
        return axis.choice.switch.rpartition(".")[0]
    return (axis.survives or name).rpartition(".")[0]


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
            elif isinstance(leaf, Stored):
                yield Arrow(layout.artifact(leaf.uri).id, part.id)
            else:
                yield Arrow(layout.parts[leaf.address].id, part.id)
    yield from layout.choices
    yield from layout.ends
    for frame, until in layout.repeated:
        for leaf in _sources(until, layout.axes):
            if isinstance(leaf, NodeOutput):
                first = next(frame.nodes()).id
                yield Arrow(layout.parts[leaf.address].id, first, "turn", "next turn")


def _sources(
    element: Element, axes: Mapping[str, Axis]
) -> Iterator[Parameter | NodeOutput | Stored]:
    """Yield what a binding reads; the items of a loop come with the loop's frame."""
    inner: tuple[Element, ...] = ()
    match element:
        case Parameter() | NodeOutput() | Stored():
            yield element
        case Carried(turns=turns, name=name):
            inner = (axes[turns].carried[name].first,)  # the arrow back is for the other turns
        case _:
            inner = parts_of(element)
    for part in inner:
        yield from _sources(part, axes)


def _waits(layout: _Layout) -> Iterator[Arrow]:
    """Yield arrows from steps that others wait for and do not read."""
    owners = layout.outline.owners
    for address, card in layout.outline.steps.items():
        read = {a for one in (card, *card.every()) for a in needs_of(one)}
        read |= {owners.get(a, a) for a in read}
        for need in layout.outline.needs.get(address, ()):
            if address in layout.parts and need in layout.parts and need not in read:
                yield Arrow(layout.parts[need].id, layout.parts[address].id, "after", "after")
