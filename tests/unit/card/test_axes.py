"""Guards, turns and bodies in cards: round trips, a frozen version 1, and what a guard compares."""

from __future__ import annotations

import json
from enum import Enum, IntEnum
from pathlib import Path
from typing import Any

import pytest

from dagger_providers.card import (
    Axis,
    Binding,
    Card,
    Carried,
    Choice,
    Item,
    Last,
    ListOf,
    NodeOutput,
    OneOf,
    OutputCard,
    Parameter,
    Policy,
    Stage,
    State,
    Turns,
    Value,
    dumps,
    loads,
)
from dagger_providers.card import axes as axis_forms
from dagger_providers.card import bindings as binding_forms
from dagger_providers.card.axes import case_of, check_cases, selector_value
from dagger_providers.card.bindings import part
from dagger_providers.card.card import with_axes
from dagger_providers.errors import FormatError, ModelError, NoCaseError
from dagger_providers.serializers import SerializerSpec

FIXTURE = Path(__file__).parent / "fixtures" / "card-body.v1.json"
JSON = SerializerSpec("json")
CASES = (("one", 1), ("-1", -1))


def output(address: str = "n", *loops: str, path: Any = ()) -> NodeOutput:
    return NodeOutput(address, "out", loops, JSON, path=path)


def everything() -> Card:
    """Return a card with a body in a body, and one of each new thing."""
    axes = {
        "rows": Axis(Parameter("rows", JSON)),
        "choose.one": Axis(output("kind", "rows"), (), ("rows",), Choice("choose", "one", CASES)),
        "choose.other": Axis(
            output("kind", "rows"), (), ("rows",), Choice("choose", "other", CASES, "other")
        ),
        "maybe.ok": Axis(within=("rows",), survives="maybe"),
        "refine.turns": Axis(
            within=("rows", "choose.one"),
            turns="refine",
            carried={
                "x": State(Item("rows"), output("refine.turn", "rows", "refine.turns")),
                "model": State(Value(None), output("m", "rows", "refine.turns"), output("m")),
                "constant": State(Parameter("c", JSON)),
            },
        ),
    }
    turn = Card(
        "refine.turn",
        "flow.py:improve",
        "(x)",
        ("rows", "choose.one", "refine.turns"),
        inputs={"x": Carried("refine.turns", "x", (("key", 0),))},
        outputs={"out": OutputCard((), JSON)},
        policy=Policy(retries=1),
        on_failure="flow.py:give_up",
        allow_failure=True,
    )
    group = Card("refine.g", within=turn.within, body=(Stage(turn.within, (turn,)),))
    card = Card(
        "refine",
        within=("rows", "choose.one"),
        axes=axes,
        inputs={
            "x": OneOf((("choose.one", output()), ("choose.other", Item("rows")))),
            "last": Last("refine.turns", output("refine.turn", "rows", "refine.turns")),
        },
        body=(Stage(turn.within, (group, Card("refine.next", "flow.py:next"))),),
        turns=Turns("refine.turns", output("refine.turn", path=(("key", "done"),)), 20, True),
    )
    return with_axes(card, axes)


def test_a_card_with_a_body_survives_its_json() -> None:
    card = everything()
    assert loads(dumps(card)) == card
    assert dumps(loads(dumps(card))) == dumps(card)


def test_version_1_is_read_and_written_as_ever() -> None:
    text = FIXTURE.read_text("utf-8").rstrip("\n")
    assert loads(text) == everything()
    assert dumps(everything()) == text


def test_the_axes_are_written_once_and_known_to_all_cards() -> None:
    card = everything()
    assert dumps(card).count('"choose.other":') == 1
    [stage] = loads(dumps(card)).body
    group = stage.cards[0]
    assert group.axes == card.axes
    assert group.body[0].cards[0].axes == card.axes


def test_a_card_tells_what_is_inside() -> None:
    card = everything()
    assert card.inside == ("refine.g", "refine.turn", "refine.next")
    assert card.functions == ("flow.py:improve", "flow.py:give_up", "flow.py:next")
    assert card.may_recover
    assert card.executes
    assert not Card("n", emits=("rows",)).executes


@pytest.mark.parametrize("name", everything().axes)
def test_an_axis_survives_its_json(name: str) -> None:
    axis = everything().axes[name]
    assert axis_forms.from_json(json.loads(json.dumps(axis_forms.to_json(axis)))) == axis


def test_unknown_fields_are_ignored() -> None:
    document = json.loads(dumps(everything()))
    document["turns"]["later"] = 1
    document["body"][0]["later"] = 1
    document["body"][0]["cards"][0]["later"] = 1
    document["axes"]["choose.one"]["later"] = 1
    document["inputs"]["last"]["later"] = 1
    assert loads(json.dumps(document)) == everything()


@pytest.mark.parametrize("lacks", ["axis", "until", "max_iterations"])
def test_broken_turns_are_refused_in_one_line(lacks: str) -> None:
    document = json.loads(dumps(everything()))
    del document["turns"][lacks]
    with pytest.raises(FormatError, match=f"the card is broken: no '{lacks}'"):
        loads(json.dumps(document))


@pytest.mark.parametrize(
    "binding",
    [
        OneOf((("a", Value(1)), ("b", OneOf((("c", output("n", "l")),))))),
        Carried("turns", "x"),
        Carried("turns", "x", (("key", "a"), ("attribute", "b"))),
        Last("turns", Last("inner", output("n", "turns", "inner"))),
        Last("turns", ListOf((Value(1),), (("key", 0),))),
    ],
)
def test_a_binding_survives_its_json(binding: Binding) -> None:
    document = json.loads(json.dumps(binding_forms.to_json(binding)))
    assert binding_forms.from_json(document) == binding


def test_a_part_is_taken_of_whatever_stands_for_a_value() -> None:
    path = (("key", "a"),)
    chosen = OneOf((("g", output()), ("h", Last("t", Value({"a": 1})))))
    assert part(chosen, path) == OneOf((("g", output(path=path)), ("h", Last("t", Value(1)))))
    assert part(Carried("t", "x", path), (("key", 0),)) == Carried("t", "x", (*path, ("key", 0)))


# What a guard compares


class Word(Enum):
    one = "one"


class Level(IntEnum):
    one = 1


class Ratio(Enum):
    half = 0.5


def choice(default: str = "") -> Choice:
    return Choice("choose", "one", (("one", "one"), ("yes", True)), default)


@pytest.mark.parametrize(
    ("value", "case"), [("one", "one"), (True, "yes"), (Word.one, "one"), (1, "z"), (False, "z")]
)
def test_a_case_is_chosen_by_type_and_value(value: Any, case: str) -> None:
    assert case_of(value, choice("z")) == case


def test_a_member_counts_as_its_value() -> None:
    assert [selector_value(value) for value in (Word.one, Level.one)] == ["one", 1]
    with pytest.raises(NoCaseError, match=r"by str, int or bool, not by <Ratio\.half: 0\.5>"):
        selector_value(Ratio.half)
    with pytest.raises(NoCaseError, match="selects by str, int or bool, not by None"):
        selector_value(None)


def test_no_case_names_the_switch_and_its_cases() -> None:
    with pytest.raises(NoCaseError) as refusal:
        case_of("two", choice())
    assert str(refusal.value) == (
        "switch 'choose' has no case for 'two' and no default; its cases: 'one', True"
    )


def test_cases_that_cannot_be_told_apart_are_refused() -> None:
    check_cases(["1", 1, "True"])
    check_cases([True, False, "1"])
    with pytest.raises(ModelError, match="cases of bool and of int"):
        check_cases([True, 2])
    with pytest.raises(ModelError, match="two cases for 'a'"):
        check_cases(["a", "b", "a"])


def test_only_guards_take_no_position() -> None:
    guards = {name: axis.is_guard for name, axis in everything().axes.items()}
    assert guards == {
        "rows": False,
        "choose.one": True,
        "choose.other": True,
        "maybe.ok": True,
        "refine.turns": False,
    }
