"""A pipeline as the simple steps that every target can express."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
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
        description: What it is for.
    """

    card: Card
    needs: tuple[str, ...]
    parameters: tuple[str, ...]
    options: Options
    runtime_options: FrozenMapping[object]
    inserted: bool = False
    description: str = ""

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
        indices_from: The step that emits the indices of the space; empty for the empty space, and
            where an engine knows them, or compares a parameter itself.
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
class Loop:
    """What runs for each item of a loop.

    Attributes:
        axis: The loop.
        indices_from: The step that tells its items; it may stand in a region around. Empty where
            the pipeline writes them down.
        body: What runs.
        needs: Addresses of steps outside that must be done before.
        count: How many items it has, where no step tells.
    """

    axis: str
    indices_from: str
    body: Region
    needs: tuple[str, ...]
    count: int = 0


@dataclass(frozen=True, slots=True)
class Branch:
    """What runs where a guard is open."""

    guard: str
    body: Region


@dataclass(frozen=True, slots=True)
class Compared:
    """A parameter that an engine compares with the cases of a switch itself.

    Attributes:
        parameter: The parameter of the pipeline.
        otherwise: The guard that is open for all values that no other case is for: of the default,
            or else of the last case, whose container fails where the value is none of its type.
            Empty where the default runs nothing.
    """

    parameter: str
    otherwise: str


@dataclass(frozen=True, slots=True)
class Branches:
    """The branches of a switch, or what runs where a node did not fail.

    Attributes:
        name: The address of the switch, or of the node.
        chosen_by: The step that tells which guard is open; it may stand in a region around. Empty
            where the engine itself compares.
        branches: Those that run anything.
        needs: Addresses of steps outside that must be done before.
        compared: What the engine compares, where no step tells.
    """

    name: str
    chosen_by: str
    branches: tuple[Branch, ...]
    needs: tuple[str, ...]
    compared: Compared | None = None


@dataclass(frozen=True, slots=True)
class Region:
    """What stands in the same loops and branches: single steps, and loops and branches again.

    Attributes:
        space: The axes around it.
        parts: Addresses of steps, loops and branches, each after what it needs.
    """

    space: tuple[str, ...]
    parts: tuple[str | Loop | Branches, ...]

    @property
    def inner(self) -> Iterator[Region]:
        """The regions that stand in it directly."""
        for part in self.parts:
            if isinstance(part, Loop):
                yield part.body
            elif isinstance(part, Branches):
                yield from (branch.body for branch in part.branches)

    @property
    def addresses(self) -> Iterator[str]:
        """The addresses of all steps in it, in an order in which they can run."""
        for part in self.parts:
            if isinstance(part, str):
                yield part
            else:
                bodies = [part.body] if isinstance(part, Loop) else [b.body for b in part.branches]
                for body in bodies:
                    yield from body.addresses


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

    def concurrency(self, addresses: Iterable[str]) -> int | None:
        """Return how many items of some steps may run at a time; None for any number."""
        asked = (self.step(address).options.concurrency for address in addresses)
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


@dataclass(frozen=True, slots=True)
class NestedPlan(Plan):
    """A plan for an engine whose loops and conditions nest.

    Its groups are the same steps again, those of one region together.

    Attributes:
        root: What runs outside of all loops and branches, and all else in it.
    """

    root: Region = Region((), ())
