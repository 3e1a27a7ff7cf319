"""What a plan puts into the cards of tasks with a cache."""

from __future__ import annotations

from dagger_providers.card import Cache, loads
from dagger_providers.planning import plan
from dagger_providers.planning.manifests import card_words
from unit.runtimes import cached


def test_a_label_is_in_the_card_and_no_cache_is_none() -> None:
    steps = plan(cached.labelled.build()).steps
    assert [step.card.cache for step in steps.values()] == [Cache("one"), Cache("two"), None]


def test_variables_are_told_apart_and_not_told() -> None:
    fast, slow = plan(cached.modes.build()).steps.values()
    assert fast.card.cache is not None
    assert slow.card.cache is not None
    assert fast.card.cache.env != slow.card.cache.env
    assert "slow" not in card_words(slow, "/s", "")[1]


def test_the_image_is_in_cards_with_a_cache_also_in_a_body() -> None:
    steps = plan(cached.grouped.build()).steps
    card = loads(card_words(steps["together"], "/s", "i:1")[1])
    inner = {one.address: one.cache for one in card.every()}
    assert inner == {"numbers": None, "square": Cache(image="i:1"), "total": None}
    [numbers] = [step for a, step in plan(cached.squares.build()).steps.items() if a == "numbers"]
    assert "i:1" not in card_words(numbers, "/s", "i:1")[1]
