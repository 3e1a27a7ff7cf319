"""What a plan says to those who show it, and its JSON, which lives in databases for years."""

import json
from pathlib import Path
from typing import Any

import pytest

from dagger_providers import artifact, dag, loop, switch, task
from dagger_providers.errors import FormatError
from dagger_providers.planning import plan
from dagger_providers.planning.outline import Outline, from_json, outline_of, to_json
from dagger_providers.planning.picture import picture

FIXTURE = Path(__file__).parent / "fixtures" / "outline.v1.json"


@task
def numbers(n: int) -> list[int]:
    return list(range(n))


@task
def double(x: int) -> int:
    return 2 * x


@task
def grow(x: int) -> dict[str, Any]:
    return {"x": 2 * x, "big": x > 9}


@task
def hear(record: dict[str, Any]) -> None:
    pass


@dag
def inner(x: int) -> Any:
    return double(double(x))


@dag(on_exit=hear)
def everything(n: int = 3) -> Any:
    grown = [loop(grow, until="big")(x=inner(x))["x"] for x in numbers(n)]
    return {"grown": grown, "chosen": switch(n, {1: double}, default=inner)(n)}


def outline() -> Outline:
    model = everything.build()
    return outline_of(model, plan(model), "/code")


def test_steps_are_told_apart_from_what_is_inside_them() -> None:
    made = outline()

    assert "grow" in made.steps
    assert "grow.turn" not in made.steps
    assert made.owners["grow.turn"] == "grow"
    assert made.emitters["numbers",] == "numbers"
    assert made.until == {"grow": "big"}
    assert [hook.address for hook in made.hooks] == ["on_exit"]


def test_the_json_of_version_1_is_read() -> None:
    document = json.loads(FIXTURE.read_text())
    read = from_json({**document, "later": "unknown"})

    assert read.steps.keys() == outline().steps.keys()
    assert to_json(read) == document
    drawn = picture(read)
    assert {arrow.kind for arrow in drawn.arrows} == {"data", "parameter", "case", "turn", "hook"}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"format": "dagger-providers.outline/2"}, "reads up to dagger-providers.outline/1"),
        ({"format": "dagger-providers.card/1"}, "expected format dagger-providers.outline/1"),
        ({"needs": None}, "the outline is broken"),
        ({"steps": {"format": "dagger-providers.card/1"}}, "broken"),
    ],
)
def test_a_broken_outline_is_refused(change: dict[str, Any], said: str) -> None:
    document = {**json.loads(FIXTURE.read_text()), **change}

    with pytest.raises(FormatError, match=said):
        from_json(document)


def test_an_artifact_is_drawn_once_by_its_uri() -> None:
    @dag
    def reads():
        xs = artifact("s3://b/xs.json")
        return [[double(x) for x in xs], double(artifact("s3://b/one.json")), double(xs[0])]

    model = reads.build()
    outline = from_json(to_json(outline_of(model, plan(model))))
    drawn = picture(outline)

    nodes = {part.id: part.label for part in drawn.parts if getattr(part, "kind", "") == "artifact"}
    assert sorted(nodes.values()) == ["s3://b/one.json", "s3://b/xs.json"]
    read = [nodes[arrow.source] for arrow in drawn.arrows if arrow.source in nodes]
    assert sorted(read) == ["s3://b/one.json", "s3://b/xs.json", "s3://b/xs.json"]
