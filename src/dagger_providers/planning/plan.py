"""A pipeline as the simple steps that every target can express."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dagger_providers.card import Axis, Binding, Card
from dagger_providers.model import FromParam, FrozenMapping, Options


@dataclass(frozen=True, slots=True)
class Step:
    """One card and what a target must know to schedule it.

    Attributes:
        card: What the container runs.
        needs: Addresses of the steps that must be done before.
        parameters: Names of the pipeline's parameters that the card reads.
        options: What every runtime understands.
        runtime_options: What one runtime understands, by runtime.
        inserted: Whether planning added it; its card only lists the indices of a loop.
    """

    card: Card
    needs: tuple[str, ...]
    parameters: tuple[str, ...]
    options: Options
    runtime_options: FrozenMapping[object]
    inserted: bool = False

    @property
    def address(self) -> str:
        """The node's dotted address; unique in a plan."""
        return self.card.address


@dataclass(frozen=True, slots=True)
class Group:
    """Steps that run together, once for every index of their space.

    A group whose space is empty is one step that runs once.

    Attributes:
        space: The loops, outermost first.
        steps: Addresses, each after those it needs.
        indices_from: The step that emits the indices of the space; empty for the empty space.
        needs: Addresses of steps outside the group that must be done before.
    """

    space: tuple[str, ...]
    steps: tuple[str, ...]
    indices_from: str
    needs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Hook:
    """A step that runs when a pipeline, or one nested in it, is over, whatever became of it.

    It runs once for every index of the pipeline's space, as far as these are known; its card finds
    in the store whether it has something to do. Nothing waits for it but other hooks.

    Attributes:
        step: The step; what it ``needs`` must be over, not done.
        indices_from: The step that emits the indices of its space; empty for the empty space.
        after: Addresses of hooks that must be over before.
    """

    step: Step
    indices_from: str
    after: tuple[str, ...]

    @property
    def address(self) -> str:
        """The hook's dotted address; unique among steps and hooks."""
        return self.step.address


@dataclass(frozen=True, slots=True)
class Plan:
    """All steps of a pipeline, in an order in which they can run.

    Attributes:
        name: What the pipeline is called.
        description: What it is for.
        parameters: Its parameters by name.
        steps: The steps by address.
        groups: The steps again, those of one loop together.
        outputs: Where each output of the pipeline is read from.
        axes: Every loop by name.
        hooks: What runs when the pipeline, or one nested in it, is over; in order.
    """

    name: str
    description: str
    parameters: Mapping[str, FromParam]
    steps: Mapping[str, Step]
    groups: tuple[Group, ...]
    outputs: Mapping[str, Binding]
    axes: Mapping[str, Axis]
    hooks: tuple[Hook, ...] = ()

    @property
    def all_steps(self) -> dict[str, Step]:
        """The steps by address, and then those of the hooks."""
        return {**self.steps, **{hook.address: hook.step for hook in self.hooks}}

    def step(self, address: str) -> Step:
        """Return a step, or that of a hook.

        Raises:
            KeyError: There is none.
        """
        found = self.steps.get(address)
        if found is None:
            found = {hook.address: hook.step for hook in self.hooks}[address]
        return found

    def concurrency(self, group: Group) -> int | None:
        """Return how many items of a group may run at a time; None for any number."""
        asked = (self.step(address).options.concurrency for address in group.steps)
        return min((limit for limit in asked if limit is not None), default=None)

    def card(self, address: str) -> Card:
        """Return the card of a node, also of one that runs inside a step.

        Raises:
            KeyError: There is none.
        """
        if address in self.all_steps:
            return self.all_steps[address].card
        inside = (inner for step in self.steps.values() for inner in step.card.every())
        return {card.address: card for card in inside}[address]
