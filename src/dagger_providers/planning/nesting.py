"""Put the steps of loops and switches into each other, as their items and branches are.

For engines whose loops and conditions nest: an inner loop then begins as soon as its own outer item
is ready, and what was not chosen starts nothing. `groups` is for the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from graphlib import TopologicalSorter
from typing import TypeAlias

from dagger_providers.card import Axis, Card, NodeOutput, Parameter, Value
from dagger_providers.model import FromParam
from dagger_providers.planning.choices import compared_parameter
from dagger_providers.planning.groups import inserted, owners_of
from dagger_providers.planning.plan import Branch, Branches, Compared, Group, Loop, Region, Step
from dagger_providers.planning.reading import closure, gathered_over
from dagger_providers.serializers.records import replace

_Key: TypeAlias = tuple[str, str]
"""What a step stands in: a loop by its axis, or the guards of one switch or one failure."""


def nest_steps(
    given: Mapping[str, Step], axes: Mapping[str, Axis], declared: Mapping[str, FromParam]
) -> tuple[dict[str, Step], Region]:
    """Return all steps, those that it had to add included, and the regions that they stand in.

    The steps of one loop stand in one region, unless one of them waits for another through what
    comes after the loop: then what comes after is a region of its own, over the same items.

    Args:
        given: The steps.
        axes: All axes of the plan.
        declared: The parameters of the pipeline.
    """
    nesting = _Nesting(dict(given), axes, declared)
    root = nesting.region((), tuple(given), {})
    ordered = {address: nesting.steps[address] for address in root.addresses}
    return ordered, root


def groups_of(region: Region, indices_from: str = "") -> Iterator[Group]:
    """Yield the steps of a region, and of those in it, with the loops around them."""
    own = tuple(part for part in region.parts if isinstance(part, str))
    if own and region.space:
        yield Group(region.space, own, indices_from, ())
    for part in region.parts:
        if isinstance(part, Loop):
            yield from groups_of(part.body, part.indices_from)
        elif isinstance(part, Branches):
            for branch in part.branches:
                yield from groups_of(branch.body, part.chosen_by)
        elif not region.space:
            yield Group((), (part,), "", ())


def _written(axis: Axis) -> int:
    """Return how many items a loop has that a pipeline writes down; 0 if a step has to tell."""
    over = axis.over
    if axis.choice is not None or not isinstance(over, Value) or not isinstance(over.data, list):
        return 0
    return len(over.data) if len(over.data) <= _MOST_WRITTEN else 0


_MOST_WRITTEN = 100
"""Items of one loop; of more, a step tells as many ranges as an engine takes."""


@dataclass(slots=True)
class _Nesting:
    steps: dict[str, Step]
    axes: Mapping[str, Axis]
    declared: Mapping[str, FromParam]
    owners: Mapping[str, str] = field(init=False)
    gathers: dict[str, frozenset[tuple[str, str]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.owners = owners_of(self.steps.values())

    def region(
        self, space: tuple[str, ...], members: tuple[str, ...], known: Mapping[_Key, str]
    ) -> Region:
        """Return the region of some steps whose spaces all begin with one.

        Args:
            space: That one.
            members: The addresses of the steps.
            known: The steps that tell the items of loops, and the choices, of what is around.
        """
        known, members = self._with_tellers(space, members, known)
        inside = frozenset(members)
        graph = {a: [n for n in self.steps[a].needs if n in inside] for a in members}
        units = _Units(self, space)
        for address in TopologicalSorter(graph).static_order():
            units.put(address, graph[address])
        parts = [self._part(space, key, addresses, known) for key, addresses in units.in_order()]
        return Region(space, tuple(parts))

    def _part(
        self,
        space: tuple[str, ...],
        key: _Key | None,
        addresses: tuple[str, ...],
        known: Mapping[_Key, str],
    ) -> str | Loop | Branches:
        if key is None:
            return addresses[0]
        inside = frozenset(addresses)
        needs = dict.fromkeys(n for a in addresses for n in self.steps[a].needs if n not in inside)
        within: dict[str, list[str]] = {}
        for address in addresses:
            within.setdefault(self.steps[address].card.within[len(space)], []).append(address)
        bodies = {
            axis: self.region((*space, axis), tuple(members), known)
            for axis, members in within.items()
        }
        if key[0] == "loop":
            (axis,) = bodies
            count = _written(self.axes[axis])
            return Loop(axis, known.get(key, ""), bodies[axis], tuple(needs), count)
        branches = tuple(Branch(guard, body) for guard, body in bodies.items())
        compared = self._compared(branches)
        return Branches(key[1], known.get(key, ""), branches, tuple(needs), compared)

    def _compared(self, branches: tuple[Branch, ...]) -> Compared | None:
        last = branches[-1].guard
        choice = self.axes[last].choice
        parameter = compared_parameter(self.axes[last], self.declared)
        if not parameter or choice is None:
            return None
        guards = {branch.guard.rpartition(".")[2]: branch.guard for branch in branches}
        otherwise = guards.get(choice.default, "") if choice.default else last
        return Compared(parameter, otherwise)

    # Who tells what an engine has to know

    def _with_tellers(
        self, space: tuple[str, ...], members: tuple[str, ...], known: Mapping[_Key, str]
    ) -> tuple[dict[_Key, str], tuple[str, ...]]:
        """Find or add the steps of this region that tell of the loops and choices in it.

        All steps in such a loop wait for the step that tells its items.
        """
        found, added = dict(known), list(members)
        waiting: dict[_Key, list[str]] = {}
        for address in members:
            within = self.steps[address].card.within
            for depth in range(len(space), len(within)):
                if self._is_told_in(space, within[:depth], within[depth]):
                    waiting.setdefault(self.key(within[depth]), []).append(address)
        for key, addresses in waiting.items():
            asked = self.steps[addresses[0]].card.within
            axis = next(a for a in asked[len(space) :] if self.key(a) == key)
            teller = self._maker(space, axis, inside=frozenset(members))
            if teller is None:
                step = self._inserted(space, axis)
                teller = step.address
                self.steps[teller] = step
                added.append(teller)
            found[key] = teller
            for address in addresses:
                step = self.steps[address]
                if teller not in step.needs:
                    self.steps[address] = replace(step, needs=(*step.needs, teller))
        return found, tuple(added)

    def key(self, axis: str) -> _Key:
        """Return what a step stands in that has an axis in its space."""
        of = self.axes[axis]
        if of.choice is not None:
            return "switch", of.choice.switch
        return ("failure", of.survives) if of.survives else ("loop", axis)

    def _is_told_in(self, space: tuple[str, ...], prefix: tuple[str, ...], axis: str) -> bool:
        of = self.axes[axis]
        if compared_parameter(of, self.declared) or _written(of):
            return False  # no step has to tell
        return self._home(prefix, axis) == space

    def _home(self, prefix: tuple[str, ...], axis: str) -> tuple[str, ...]:
        """Return the outermost space in which can be told what items an axis has.

        It is never outside a guard, nor outside a loop where asking could fail: what is not run
        must not fail.
        """
        of = self.axes[axis]
        must_match = of.choice is not None and not of.choice.default
        if of.survives or of.over is None or must_match or getattr(of.over, "path", True):
            return prefix
        match of.over:
            case Parameter() | Value():
                needed: tuple[str, ...] = ()
            case NodeOutput(address=address):
                needed = self.steps[self.owners.get(address, address)].card.within
            case _:
                return prefix
        if prefix[: len(needed)] != needed:
            return prefix
        home = prefix
        while len(home) > len(needed) and not self.axes[home[-1]].is_guard:
            home = home[:-1]
        return home

    def _maker(self, space: tuple[str, ...], axis: str, inside: frozenset[str]) -> str | None:
        """Return the step of a region whose result an axis is about, if it can tell itself."""
        of = self.axes[axis]
        if of.survives:
            address = self.owners.get(of.survives, of.survives)
        elif isinstance(of.over, NodeOutput):
            address = self.owners.get(of.over.address, of.over.address)
        else:
            return None
        step = self.steps[address]
        if address not in inside or step.card.within != space:
            return None
        card = step.card
        if card.emits and not of.is_guard:
            same = self.axes[card.emits[-1]].over == of.over
            return address if same else None
        if card.emits or card.decides:
            return None  # a step tells one thing
        if of.is_guard:
            card = replace(card, decides=self._guards(axis))
        else:
            card = replace(card, emits=(*space, axis))
        card = replace(card, axes={**card.axes, **self._told_axes(card)})
        self.steps[address] = replace(step, card=card)
        return address

    def _inserted(self, space: tuple[str, ...], axis: str) -> Step:
        emits, decides = ((), self._guards(axis)) if self.axes[axis].is_guard else ((axis,), ())
        card = Card("", within=space, emits=(*space, *emits) if emits else (), decides=decides)
        return inserted(card, self._asked_in(space, axis), self.steps, self.owners)

    def _told_axes(self, card: Card) -> dict[str, Axis]:
        told = Card("", within=card.within, emits=card.emits, decides=card.decides)
        return closure(told, self._asked_in(card.within, (*card.emits, *card.decides)[-1]))

    def _asked_in(self, space: tuple[str, ...], axis: str) -> Mapping[str, Axis]:
        """Return all axes, with one that needs only those of a space, whatever it stands in.

        Of a failure all are needed: where its node is not to run, it has not failed.
        """
        of = self.axes[axis]
        if of.survives:
            return self.axes
        around = set(space)
        return {**self.axes, axis: replace(of, within=tuple(a for a in of.within if a in around))}

    def _with_zipped(self, space: Iterable[str]) -> Iterator[str]:
        """Yield the axes of a space, and the loops that run in step under them."""
        for axis in space:
            yield axis
            yield from self._with_zipped(self.axes[axis].zips)

    def _guards(self, axis: str) -> tuple[str, ...]:
        """Return all guards of the switch, or the failure, that a guard is of."""
        key = self.key(axis)
        if key[0] == "failure":
            return (axis,)
        return tuple(name for name, of in self.axes.items() if of.choice and self.key(name) == key)

    def reads_own(self, address: str, need: str, axis: str) -> bool:
        """Say whether a step reads of another only what belongs to its own item of a loop."""
        if address not in self.gathers:
            found = gathered_over(self.steps[address].card)
            self.gathers[address] = frozenset(
                (self.owners.get(node, node), loop) for node, loop in found
            )
        return (need, axis) not in self.gathers[address]


@dataclass(slots=True)
class _Unit:
    """Steps that become one part of a region.

    Attributes:
        key: What they stand in; None for one step that stands in the region itself.
        members: The addresses of the steps.
        before: Loops and branches that must be over before, as far as they are known directly.
    """

    key: _Key | None
    members: list[str] = field(default_factory=list)
    before: set[int] = field(default_factory=set)


@dataclass(slots=True)
class _Units:
    """The parts of a region while steps are put into it, each after those that it needs."""

    nesting: _Nesting
    space: tuple[str, ...]
    units: list[_Unit] = field(default_factory=list)
    home: dict[str, int] = field(default_factory=dict)
    """The unit of each step."""
    latest: dict[_Key, int] = field(default_factory=dict)

    def put(self, address: str, needs: Iterable[str]) -> None:
        """Put a step into the latest unit of its loop, if nothing between has to come first."""
        within = self.nesting.steps[address].card.within
        depth = len(self.space)
        if len(within) == depth:
            self._add(_Unit(None, [address], self._before(needs)), address)
            return
        axis = within[depth]
        key = self.nesting.key(axis)
        number = self.latest.get(key)
        others = [
            need
            for need in needs
            if self.home[need] != number or not self.nesting.reads_own(address, need, axis)
        ]
        before = self._before(others)
        if number is None or number in self._closure(before):
            self.latest[key] = len(self.units)
            self._add(_Unit(key, [address], before), address)
        else:
            self.units[number].members.append(address)
            self.units[number].before |= before
            self.home[address] = number

    def _add(self, unit: _Unit, address: str) -> None:
        self.home[address] = len(self.units)
        self.units.append(unit)

    def _before(self, needs: Iterable[str]) -> set[int]:
        """Return the loops and branches before some steps; of a single step, those before it."""
        found: set[int] = set()
        for need in needs:
            unit = self.units[self.home[need]]
            found |= unit.before if unit.key is None else {self.home[need]}
        return found

    def _closure(self, units: set[int]) -> set[int]:
        found: set[int] = set()
        waiting = list(units)
        while waiting:
            number = waiting.pop()
            if number not in found:
                found.add(number)
                waiting.extend(self.units[number].before)
        return found

    def in_order(self) -> Iterator[tuple[_Key | None, tuple[str, ...]]]:
        """Yield each unit's key and steps, after those that it needs."""
        steps = self.nesting.steps
        graph = {
            number: {self.home[n] for a in unit.members for n in steps[a].needs if n in self.home}
            - {number}
            for number, unit in enumerate(self.units)
        }
        for number in TopologicalSorter(graph).static_order():
            unit = self.units[number]
            yield unit.key, tuple(unit.members)
