"""Cards as JSON: round trips, later versions, a frozen version 1."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dagger_providers.card import (
    Axis,
    Card,
    ForEach,
    Item,
    ListOf,
    NodeOutput,
    OutputCard,
    Parameter,
    Policy,
    Stored,
    Value,
    dumps,
    loads,
)
from dagger_providers.errors import FormatError
from dagger_providers.serializers import SerializerSpec

FIXTURE = Path(__file__).parent / "fixtures" / "card.v1.json"
JSON = SerializerSpec("json")


def everything() -> Card:
    """Return a card with one of each thing."""
    rows = SerializerSpec("csv", (("frame", "pandas"),))
    return Card(
        address="outer.fit",
        function="flow.py:fit",
        signature="(rows, alpha=, *, models)",
        within=("carriers", "outer.pairs"),
        axes={
            "carriers": Axis(Parameter("carriers", JSON)),
            "loads": Axis(NodeOutput("load", "return_value", (), rows, partitioned=True)),
            "more": Axis(Item("carriers", (("key", 0),)), within=("carriers",)),
            "outer.pairs": Axis(zips=("loads", "more"), within=("carriers",)),
        },
        inputs={
            "rows": Item("loads", (("attribute", "rows"),)),
            "alpha": Value({"a": [1, 2.5, None, "ä"]}),
            "models": ListOf(
                (ForEach("carriers", (NodeOutput("m", "o", ("carriers",), JSON), Value(None))),),
                (("key", 0),),
            ),
        },
        outputs={
            "return_value": OutputCard((), SerializerSpec("json", (), "flow.py:fit#return")),
            "key_a": OutputCard((("key", "a"), ("attribute", "b")), rows, partitioned=True),
        },
        policy=Policy(2, 30.0, 2.0, 600.0),
        emits=("carriers",),
    )


def test_a_card_survives_its_json() -> None:
    card = everything()
    assert loads(dumps(card)) == card
    assert dumps(loads(dumps(card))) == dumps(card)


def test_version_1_is_read_and_written_as_ever() -> None:
    text = FIXTURE.read_text("utf-8").rstrip("\n")
    assert loads(text) == everything()
    assert dumps(everything()) == text


def test_a_small_card_is_short() -> None:
    assert dumps(Card("n")) == '{"format":"dagger-providers.card/1","address":"n"}'


def test_unknown_fields_are_ignored() -> None:
    document = json.loads(dumps(everything()))
    document["later"] = 1
    document["policy"]["later"] = 1
    document["inputs"]["rows"]["later"] = 1
    document["outputs"]["key_a"]["later"] = 1
    document["axes"]["loads"]["later"] = 1
    assert loads(json.dumps(document)) == everything()


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("{", "the card is no JSON"),
        ("[]", "the card must be a JSON object, not list"),
        ('{"format":"dagger-providers.dag/1"}', "expected format dagger-providers.card/1"),
        ('{"format":"dagger-providers.card/2"}', "upgrade dagger-providers"),
        ('{"format":"dagger-providers.card/1"}', "the card is broken: no 'address'"),
        (
            '{"format":"dagger-providers.card/1","address":"n","inputs":{"x":{"file":"y"}}}',
            "a card's input is of an unknown kind: ['file']",
        ),
        (
            '{"format":"dagger-providers.card/1","address":"n","inputs":{"x":{"each":"l","of":[]}}}',
            "may not be a loop outside a list",
        ),
        ('{"format":"dagger-providers.card/1","address":"n","inputs":[1]}', "the card is broken"),
    ],
)
def test_what_is_no_card_is_refused_in_one_line(text: str, part: str) -> None:
    with pytest.raises(FormatError) as refusal:
        loads(text)
    assert part in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_a_card_hides_nothing_of_what_it_was_made_of() -> None:
    changed: list[Any] = [Card("n"), Card("m"), Card("n", within=("l",)), Card("n", emits=("l",))]
    assert len({dumps(card) for card in changed}) == len(changed)


def test_a_value_at_a_place_of_its_own_is_as_it_was() -> None:
    whole = Stored("s3://b/rows", "0" * 64, SerializerSpec("csv", (("frame", "pandas"),)))
    part = Stored("s3://b/parts", "1" * 64, JSON, True, (("key", 0), ("attribute", "a")))
    card = Card("node", inputs={"whole": whole, "all": ListOf((part, Value(1)))})

    assert loads(dumps(card)) == card
