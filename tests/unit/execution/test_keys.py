"""What the key of a result depends on, beside the function's code."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

from dagger_providers.card import (
    Axis,
    Cache,
    Card,
    ForEach,
    Item,
    ListOf,
    NodeOutput,
    OutputCard,
    Parameter,
    Stored,
    Value,
    dumps,
    in_environment,
    in_image,
    loads,
)
from dagger_providers.errors import MissingValueError, UsageError
from dagger_providers.execution import RunContext, open_run, run_card
from dagger_providers.execution.keys import key_of
from dagger_providers.serializers import SerializerSpec
from dagger_providers.serializers.records import replace
from unit.execution import cards
from unit.execution.cards import JSON, card

PICKLE = SerializerSpec("pickle")
PARTS = {"out": OutputCard((), JSON, partitioned=True)}


@pytest.fixture
def run(tmp_path: Path) -> RunContext:
    given = {"one": '{"a": 1, "b": [1, 2]}', "spaced": '{ "a":1,"b":[ 1,2] }', "xs": "[1, 2, 1]"}
    run = open_run(str(tmp_path), "r", given)
    for address, value in {"first": 1, "again": 1, "other": 2}.items():
        run_card(replace(card(cards.same, x=value), address=address), (), run)
    for address, n in {"parts": 2, "same_parts": 2, "more_parts": 3}.items():
        run_card(replace(card(cards.parts, PARTS, n=n), address=address), (), run)
    mapping = {"first": {"x": 1}, "second": {"x": 1, "y": 2}}
    for address, data in mapping.items():
        run_card(replace(card(cards.same, x=data), address=f"{address}_map"), (), run)
    return run


def key(run: RunContext, x: Any = 1, index: tuple[int, ...] = (), **changes: Any) -> str | None:
    axes = changes.pop("axes", {})
    within = tuple(axes)
    made = replace(card(cards.same, x=x), cache=Cache(), axes=axes, within=within, **changes)
    return key_of(made, index, run, cards.same)


def output(address: str, *path: str, partitioned: bool = False) -> NodeOutput:
    steps = tuple(("key", name) for name in path)
    return NodeOutput(address, "out", (), JSON, partitioned, steps)


SAME = {
    "equal literals": ({"a": [1]}, {"a": [1]}),
    "a parameter's text": (Parameter("one", JSON), Parameter("spaced", JSON)),
    "equal values of two nodes": (output("first"), output("again")),
    "equal parts of two values": (output("first_map", "x"), output("second_map", "x")),
    "equal parts of parameters": (
        Parameter("one", JSON, (("key", "a"),)),
        Parameter("spaced", JSON, (("key", "a"),)),
    ),
    "equal lists": (
        ListOf((output("first"), output("other"))),
        ListOf((output("again"), output("other"))),
    ),
    "equal partitions": (
        output("parts", partitioned=True),
        output("same_parts", partitioned=True),
    ),
    "one value at two places": (Stored("/a", "0" * 64, JSON), Stored("/b", "0" * 64, JSON)),
}
OTHER = {
    "other literals": (1, 2),
    "a number of another type": (1, 1.0),
    "a text": (1, "1"),
    "the order of keys": ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
    "a part": (Parameter("one", JSON), Parameter("one", JSON, (("key", "a"),))),
    "another node's value": (output("first"), output("other")),
    "another part": (output("second_map", "x"), output("second_map", "y")),
    "the order of a list": (
        ListOf((output("first"), output("other"))),
        ListOf((output("other"), output("first"))),
    ),
    "a longer list": (
        ListOf((output("first"),)),
        ListOf((output("first"), output("first"))),
    ),
    "nested lists": (
        ListOf((ListOf((output("first"),)), output("other"))),
        ListOf((ListOf((output("first"), output("other"))),)),
    ),
    "more partitions": (
        output("parts", partitioned=True),
        output("more_parts", partitioned=True),
    ),
    "another value at one place": (Stored("/a", "0" * 64, JSON), Stored("/a", "1" * 64, JSON)),
    "one value and its parts": (
        Stored("/a", "0" * 64, JSON),
        Stored("/a", "0" * 64, JSON, partitioned=True),
    ),
}


@pytest.mark.parametrize("inputs", SAME.values(), ids=SAME)
def test_equal_inputs(inputs: tuple[Any, Any], run: RunContext) -> None:
    one, other = inputs
    assert key(run, one) == key(run, other)


@pytest.mark.parametrize("inputs", OTHER.values(), ids=OTHER)
def test_other_inputs(inputs: tuple[Any, Any], run: RunContext) -> None:
    one, other = inputs
    assert key(run, one) != key(run, other)


def test_equal_items_share_a_key_wherever_they_stand(run: RunContext) -> None:
    axes = {"loop": Axis(Parameter("xs", JSON))}
    found = [key(run, Item("loop"), (n,), axes=axes) for n in range(3)]
    assert found[0] == found[2] != found[1]


def test_items_that_a_node_wrote_one_by_one(run: RunContext) -> None:
    axes = {"loop": Axis(output("parts", partitioned=True))}
    more = {"loop": Axis(output("more_parts", partitioned=True))}
    first, second = (key(run, Item("loop"), (n,), axes=axes) for n in range(2))
    assert (first, second) == tuple(key(run, Item("loop"), (n,), axes=more) for n in range(2))
    assert first != second


def test_items_of_a_list_of_results(run: RunContext) -> None:
    axes = {"loop": Axis(ListOf((output("first"), output("other"), output("again"))))}
    found = [key(run, Item("loop"), (n,), axes=axes) for n in range(3)]
    assert found[0] == found[2] != found[1]


def test_a_gathered_list_is_its_elements(run: RunContext) -> None:
    for n in range(2):
        made = replace(card(cards.same, x=n), address="each", within=("loop",))
        run_card(replace(made, axes={"loop": Axis(Value([0, 1]))}), (n,), run)
    each = NodeOutput("each", "out", ("loop",), JSON)
    made = replace(
        card(cards.same, x=ListOf((ForEach("loop", (each,)),))),
        axes={"loop": Axis(Value([0, 1]))},
        cache=Cache(),
    )
    before = key_of(made, (), run, cards.same)
    assert before == key_of(made, (), run, cards.same)
    run_card(
        replace(
            card(cards.same, x=9), address="each", within=("loop",),
            axes={"loop": Axis(Value([0, 1]))},
        ), (1,), run,
    )  # fmt: skip
    assert before != key_of(made, (), run, cards.same)


def test_what_is_kept_and_how(run: RunContext) -> None:
    keys = {
        key(run),
        key(run, outputs={"out": OutputCard((), PICKLE)}),
        key(run, outputs={"out": OutputCard((), JSON, partitioned=True)}),
        key(run, outputs={"out": OutputCard((("key", "a"),), JSON)}),
        key(run, outputs={"other": OutputCard((), JSON)}),
    }
    assert len(keys) == 5


def test_where_an_annotation_lies_does_not_matter(run: RunContext) -> None:
    module = f"{cards.__name__}:same#return"
    file = f"{cards.__file__}:same#return"
    outputs = [{"out": OutputCard((), SerializerSpec("json", (), one))} for one in (module, file)]
    assert key(run, outputs=outputs[0]) == key(run, outputs=outputs[1])


def test_the_label_the_variables_and_the_image(run: RunContext) -> None:
    made = replace(card(cards.same, x=1), cache=Cache())
    other = [
        replace(made, cache=Cache("label")), in_environment(made, "digest"), in_image(made, "i:1"),
    ]  # fmt: skip
    assert len({key_of(one, (), run, cards.same) for one in (made, *other)}) == 4


def test_where_a_node_stands_and_how_it_is_tried_does_not_matter(run: RunContext) -> None:
    assert key(run) == key(run, address="elsewhere", on_failure="a:b", allow_failure=True)


def test_another_function(run: RunContext) -> None:
    made = replace(card(cards.same, x=1), cache=Cache())
    assert key_of(made, (), run, cards.same) != key_of(made, (), run, cards.summed)


def test_a_card_keeps_its_cache(run: RunContext) -> None:
    made = in_image(replace(card(cards.same, x=1), cache=Cache("label", "digest")), "image:1")
    assert made.cache == Cache("label", "digest", "image:1")
    assert loads(dumps(made)) == made


def test_a_card_without_cache_says_nothing_of_images() -> None:
    plain: Card = card(cards.same, x=1)
    assert in_image(plain, "image:1") is plain


def test_an_input_that_is_not_there(run: RunContext) -> None:
    with pytest.raises(MissingValueError):
        key(run, output("nobody"))
    with pytest.raises(UsageError, match="parameter 'none' has no value"):
        key(run, Parameter("none", JSON))


def test_pickles_are_not_read(run: RunContext, tmp_path: Path) -> None:
    made = replace(card(cards.same, {"out": OutputCard((), PICKLE)}, x=1), address="pickled")
    run_card(made, (), run)
    for file in tmp_path.glob("runs/r/nodes/pickled/attempt-*/*"):
        file.unlink()
    whole = NodeOutput("pickled", "out", (), PICKLE)
    part = replace(whole, path=(("key", 0),))
    assert key(run, whole) != key(run, part)


def test_an_artifact_counts_by_its_sha256_and_by_nothing_else(run: RunContext) -> None:
    one = Stored("s3://b/a.json", "1" * 64, JSON)

    assert key(run, one) == key(run, replace(one, uri="/elsewhere"))
    assert key(run, one) != key(run, replace(one, sha256="2" * 64))


@pytest.mark.parametrize("way", ["alone", "in a list", "an item"])
def test_what_reads_an_artifact_without_a_sha256_has_no_key(
    way: str, run: RunContext, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    place = tmp_path / f"{way}.json"
    place.write_text("[1]")
    found = Stored(str(place), "", JSON)
    axes = {"xs": Axis(found)} if way == "an item" else {}
    x = {"alone": found, "in a list": ListOf((Value(1), found)), "an item": Item("xs")}[way]
    index = (0,) if axes else ()

    assert key(run, x, index, axes=axes) is None
    assert key(run, x, index, axes=axes) is None
    [record] = caplog.records
    assert f"artifact {place}, which it reads, has no sha256" in record.getMessage()


def test_an_item_of_a_checked_artifact_counts_by_itself(run: RunContext, tmp_path: Path) -> None:
    keys = []
    for content in ("[1, 2]", "[0, 1]"):
        place = tmp_path / f"{len(keys)}.json"
        place.write_text(content)
        sha256 = hashlib.sha256(content.encode()).hexdigest()
        axes = {"xs": Axis(Stored(str(place), sha256, JSON))}
        keys.append([key(run, Item("xs"), (n,), axes=axes) for n in range(2)])

    assert keys[0][0] == keys[1][1]
    assert len({*keys[0], *keys[1]}) == 3
