"""What tells of a whole run, where no runtime of ours sees its end."""

from __future__ import annotations

from collections.abc import Iterator

from dagger_providers.card import Card, RunRecord, Told
from dagger_providers.planning.plan import Plan, Step
from dagger_providers.planning.reading import closure
from dagger_providers.serializers.records import replace


def whole(lowered: Plan) -> Card:
    """Return a card that is never run: its one input is the record of all nodes of a run."""
    told = [one for step in lowered.steps.values() for one in _told(step)]
    told += [_of(hook.step.card) for hook in lowered.hooks]
    record = RunRecord(lowered.name, "", (), tuple(told), {})
    card = Card("", inputs={"record": record})
    return replace(card, axes=closure(card, lowered.axes))


def _told(step: Step) -> Iterator[Told]:
    if step.inserted:  # it only lists indices
        return
    if step.card.body and step.card.turns is None:  # nodes in one container
        for stage in step.card.body:
            yield from map(_of, stage.cards)
    else:
        yield _of(step.card)


def _of(card: Card) -> Told:
    return Told(card.address, card.within, card.when)
