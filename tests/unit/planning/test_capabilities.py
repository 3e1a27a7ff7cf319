"""What a target refuses, and what several targets look for."""

from __future__ import annotations

from datetime import date

import pytest

from dagger_providers import artifact, dag, task
from dagger_providers.errors import CapabilityError
from dagger_providers.planning import plan
from dagger_providers.planning.capabilities import (
    ArtifactRules,
    Deployment,
    Rule,
    artifact_refusals,
    image_refusals,
    live_steps,
    refuse,
)

RULE = Rule("spark", "no-loops", "a loop", "it has none", "its manual", "write no loop", ">=1")
LIMIT = Rule("spark", "long", "a long name", "it is", "its manual", "cut it", ">=1", certain=False)


@task
def year(day: date) -> int:
    return day.year


@task
def add(a: int, b: int) -> int:
    return a + b


@dag
def plain(n: int):
    return add(n, n)


def test_the_first_refusal_is_raised_and_the_others_counted() -> None:
    found = [LIMIT.at("a", "a is long"), RULE.at("b", "b loops"), RULE.at("c", "c loops", "stop")]
    with pytest.raises(CapabilityError) as refused:
        refuse(found)
    assert str(refused.value) == (
        "spark: b loops; write no loop (and 1 more: see dagger-providers check, given the "
        "same options)"
    )


def test_what_depends_on_a_cluster_is_not_refused() -> None:
    refuse([LIMIT.at("a", "a is long")])


def test_a_refusal_in_one_line() -> None:
    assert str(RULE.at("c", "c loops", "stop")) == "spark: c loops; stop"
    assert RULE.id == "spark/no-loops"


def test_a_live_pipeline_is_needed_for_its_parameters() -> None:
    @dag
    def live(day: date, n: int):
        return {"year": year(day), "sum": add(n, n)}

    assert list(live_steps(plan(live.build()))) == ["year"]
    assert list(live_steps(plan(plain.build()))) == []


def test_steps_without_an_image_are_one_refusal() -> None:
    @dag
    def several(n: int):
        kept = add.options(name="kept", image="i")(n, n)
        return add.options(name="c")(add.options(name="a")(n, kept), n)

    [found] = image_refusals(plan(several.build()), RULE, "to run in")
    assert str(found) == "spark: tasks 'a', 'c' have no image to run in; write no loop"


@pytest.mark.parametrize(
    ("uri", "store", "row"),
    [
        ("rows.json", None, "no-loops"),
        ("file://rows.json", "s3://b", "no-loops"),
        ("memory://rows.json", "/runs", "no-loops"),
        ("/data/rows.json", "s3://b", "long"),
        ("file:///data/rows.json", "gs://b", "long"),
        ("/data/rows.json", "/runs", ""),
        ("/data/rows.json", "file:///runs", ""),
        ("/data/rows.json", None, ""),
        ("s3://b/rows.json", "/runs", ""),
    ],
)
def test_where_artifacts_lie(uri: str, store: str | None, row: str) -> None:
    @dag
    def reads():
        return [add(x, 1) for x in artifact(uri)]

    rules = ArtifactRules(RULE, LIMIT)
    found = list(artifact_refusals(plan(reads.build()), Deployment(store=store), rules))

    assert [one.rule.name for one in found] == ([row] if row else [])
    assert all(one.place == f"artifact {uri!r}" for one in found)
