"""Elements of lists that loops build, found without a walk."""

from __future__ import annotations

import pytest

from dagger_providers.card import Axis, ForEach, Item, Value
from dagger_providers.errors import UsageError
from dagger_providers.execution.loops import Elements, Positions, enter

AXES = {"i": Axis(), "j": Axis(), "both": Axis(zips=("i",))}


def extent(loop: str, at: Positions) -> int:
    return at["i"] + 1 if loop == "j" else 3


ELEMENTS = Elements(AXES, extent)
SHAPES = {
    "flat": (Value(0), ForEach("i", (Item("i"),)), Value(1)),
    "two in a body": (ForEach("i", (Item("i"), Value(0))),),
    "ragged": (ForEach("i", (Value(0), ForEach("j", (Item("j"), Value(1))))), Value(2)),
    "joined": (ForEach("both", (Item("i"),)),),
    "empty": (),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_each_element_is_found_where_a_walk_finds_it(shape: str) -> None:
    items = SHAPES[shape]
    walked = list(ELEMENTS.all(items, {}))
    assert ELEMENTS.count(items, {}) == len(walked)
    assert [ELEMENTS.one(items, {}, n) for n in range(len(walked))] == walked
    with pytest.raises(UsageError, match=f"has {len(walked)} items"):
        ELEMENTS.one(items, {}, len(walked))


def test_loops_in_step_are_entered_together() -> None:
    assert enter(AXES, {}, "both", 2) == {"both": 2, "i": 2}
