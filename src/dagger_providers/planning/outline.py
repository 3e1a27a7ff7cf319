"""What a plan says to those who show a pipeline: its cards, what waits for what, its axes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from dagger_providers.card import Axis, Binding, Card, Stage, bindings
from dagger_providers.card.card import from_json as card_from_json
from dagger_providers.card.card import to_json as card_to_json
from dagger_providers.card.card import with_axes
from dagger_providers.errors import FormatError, one_line
from dagger_providers.model import DAG, Repeat, children
from dagger_providers.model.nodes import AnyNode
from dagger_providers.planning.plan import Plan
from dagger_providers.storage import check_format

FORMAT = "dagger-providers.outline"
MAJOR = 1


@dataclass(frozen=True)
class Outline:
    """A plan, as far as it is shown.

    Attributes:
        name: What the pipeline is called.
        function: The reference of the function that it was recorded from; empty when it was not.
        root: The folder that ``file.py:name`` functions are relative to; empty when not known.
        parameters: The names of its parameters.
        stages: The steps, those of one loop together, in an order in which they can run.
        needs: The steps that each step waits for.
        hooks: What runs when the pipeline, or one nested in it, is over.
        outputs: Where each output of the pipeline is read from.
        axes: Every axis by name.
        until: For each repetition, the key that ends it.
    """

    name: str
    function: str = ""
    root: str = ""
    parameters: tuple[str, ...] = ()
    stages: tuple[Stage, ...] = ()
    needs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    hooks: tuple[Card, ...] = ()
    outputs: Mapping[str, Binding] = field(default_factory=dict)
    axes: Mapping[str, Axis] = field(default_factory=dict)
    until: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def steps(self) -> dict[str, Card]:
        """The card of each step, by address; hooks are not among them."""
        return {card.address: card for stage in self.stages for card in stage.cards}

    @cached_property
    def cards(self) -> dict[str, Card]:
        """All cards by address: of steps, of what is inside them, and of hooks."""
        tops = (*self.steps.values(), *self.hooks)
        return {card.address: card for top in tops for card in (top, *top.every())}

    @cached_property
    def owners(self) -> dict[str, str]:
        """For each card inside a step, the step."""
        return {inner: card.address for card in self.steps.values() for inner in card.inside}

    @cached_property
    def emitters(self) -> dict[tuple[str, ...], str]:
        """The step that tells the indices of a space, by the space."""
        return {card.emits: address for address, card in self.steps.items() if card.emits}


def outline_of(dag: DAG, lowered: Plan, root: str | None = None) -> Outline:
    """Return the outline of a pipeline.

    Args:
        dag: The pipeline.
        lowered: Its plan.
        root: The folder that ``file.py:name`` functions are relative to.
    """
    return Outline(
        name=dag.name,
        function=dag.function or "",
        root=root or "",
        parameters=tuple(lowered.parameters),
        stages=tuple(
            Stage(group.space, tuple(lowered.steps[address].card for address in group.steps))
            for group in lowered.groups
        ),
        needs={address: step.needs for address, step in lowered.steps.items() if step.needs},
        hooks=tuple(hook.step.card for hook in lowered.hooks),
        outputs=lowered.outputs,
        axes=lowered.axes,
        until=dict(_until(dag, "")),
    )


def _until(node: AnyNode, prefix: str) -> Iterator[tuple[str, str]]:
    for name, inner in children(node).items():
        if isinstance(inner, Repeat):
            yield f"{prefix}{name}", inner.until
        yield from _until(inner, f"{prefix}{name}.")


def to_json(outline: Outline) -> dict[str, Any]:
    """Return an outline as JSON data: axes stand there once, not with every card."""
    whole = Card(outline.name, axes=outline.axes, body=outline.stages)
    hooks = Card(outline.name, body=(Stage((), outline.hooks),) if outline.hooks else ())
    return {
        "format": f"{FORMAT}/{MAJOR}",
        "name": outline.name,
        "function": outline.function,
        "root": outline.root,
        "parameters": list(outline.parameters),
        "steps": card_to_json(whole),
        "hooks": card_to_json(hooks),
        "needs": {address: list(needs) for address, needs in outline.needs.items()},
        "outputs": {name: bindings.to_json(binding) for name, binding in outline.outputs.items()},
        "until": dict(outline.until),
    }


def from_json(document: Any) -> Outline:
    """Read what `to_json` wrote; unknown fields are ignored.

    Raises:
        FormatError: It is no outline, or one of a later major version.
    """
    check_format(document, FORMAT, MAJOR, "the outline")
    try:
        whole = card_from_json(document["steps"])
        hooks = with_axes(card_from_json(document["hooks"]), whole.axes)
        return Outline(
            name=str(document["name"]),
            function=str(document.get("function", "")),
            root=str(document.get("root", "")),
            parameters=tuple(document["parameters"]),
            stages=whole.body,
            needs={address: tuple(needs) for address, needs in document["needs"].items()},
            hooks=tuple(card for stage in hooks.body for card in stage.cards),
            outputs={n: bindings.from_json(one) for n, one in document["outputs"].items()},
            axes=whole.axes,
            until=dict(document.get("until", {})),
        )
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise FormatError(f"the outline is broken: {one_line(repr(error))}") from error
