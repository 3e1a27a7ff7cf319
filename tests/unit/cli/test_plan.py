"""The command `plan`: the steps that a target will see."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from dagger_providers.cli import main

FLOW = """
from dagger_providers import dag, task

@task
def split(n: int) -> list[int]:
    return list(range(n))

@task
def double(x: int) -> int:
    return 2 * x

@task
def total(xs: list[int]) -> int:
    return sum(xs)

@dag
def flow(ns: list[int] = [1, 2]):
    out = []
    for n in ns:
        for x in split(n):
            out.append(double(x))
    return total(out)
"""


@pytest.fixture
def flow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    (tmp_path / "flow.py").write_text(FLOW)
    monkeypatch.chdir(tmp_path)
    return "flow.py"


AIRFLOW = """\
flow on airflow: mapped tasks, inserted step, mapped tasks over an index product
step            runs                   as                                  needs
items-of-ns     once                   inserted step                       -
split           for each of ns         mapped tasks                        items-of-ns
items-of-split  once                   inserted step                       split
double          for each of ns, split  mapped tasks over an index product  split, items-of-split
total           once                   step                                double, split
items-of-ns was inserted: it lists the indices of ns: the list is parameter 'ns'
items-of-split was inserted: it lists the indices of ns, split: no single step knows all indices \
of nested loops
"""


def test_a_plain_table_when_piped(flow: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", flow, "--target", "airflow"]) == 0
    assert capsys.readouterr().out == AIRFLOW


def test_the_same_plan_in_the_words_of_each_target(
    flow: str, capsys: pytest.CaptureFixture[str]
) -> None:
    words = {}
    for target in ("local", "airflow:kubernetes", "kfp", "argo"):
        assert main(["plan", flow, "--target", target, "--json"]) == 0
        document = json.loads(capsys.readouterr().out)
        (step,) = (step for step in document["steps"] if step["address"] == "double")
        words[document["target"]] = (document["lowering"], step["lowering"])
        assert step["function"].endswith(":double")
        assert (step["runs"], step["over"]) == ("for each of ns, split", ["ns", "split"])
        lists = "items-of-ns" if target == "kfp" else "items-of-split"
        assert (step["needs"], step["inserted"]) == (["split", lists], None)
    assert words == {
        "local": ("loops", "loop"),
        "airflow": (
            "mapped tasks, inserted step, mapped tasks over an index product",
            "mapped tasks over an index product",
        ),
        "kfp": (
            "ParallelFor, inserted step, ParallelFor in ParallelFor",
            "ParallelFor in ParallelFor",
        ),
        "argo": (
            "withParam, inserted step, withParam over an index product",
            "withParam over an index product",
        ),
    }


BRANCHES = """
from dagger_providers import dag, loop, switch, task

@task
def grow(x: int) -> dict[str, int]:
    return {"x": 2 * x, "done": x > 9}

@task
def same(x: int) -> int:
    return x

@dag
def twice(x: int):
    return loop(grow)(x)["x"]

@dag
def flow(xs: list[int]):
    return [switch(x, {1: same}, default=twice)(x) for x in xs]
"""

BRANCHES_ON_ARGO = """\
flow on argo: withParam, inserted step, one container
step, runs, as, needs
switch.if-1, once, inserted step, -
switch.if-default, once, inserted step, -
switch.1, for each of xs, if switch.1, withParam, switch.if-1
switch.default.grow, for each of xs, if switch.default, withParam, one container: turn by turn, \
switch.if-default
switch.if-1 was inserted: it tells for which items switch chose 1
switch.if-default was inserted: it tells for which items switch chose default
switch.default.grow is one container of: switch.default.grow.turn
"""


def test_branches_and_the_nodes_of_a_container(
    flow: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path(flow).write_text(BRANCHES)

    assert main(["plan", flow + ":flow", "--target", "argo"]) == 0
    told = capsys.readouterr().out
    assert main(["plan", flow + ":flow", "--target", "argo", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)

    assert re.sub("  +", ", ", told) == BRANCHES_ON_ARGO
    inside = {step["address"]: step["inside"] for step in document["steps"]}
    (turn,) = inside.pop("switch.default.grow")
    assert turn == {
        "address": "switch.default.grow.turn",
        "function": turn["function"],
        "runs": "for each of xs, if switch.default, in each turn of switch.default.grow",
        "over": ["xs", "switch.default", "switch.default.grow.turns"],
        "inside": [],
    }
    assert turn["function"].endswith(":grow")
    assert not any(inside.values())


def test_a_target_is_named(flow: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", flow]) == 2
    assert "--target" in capsys.readouterr().err
    assert main(["plan", flow, "--target", "spark"]) == 2
    assert "no target 'spark'; there are: local, airflow, kfp, argo\n" in capsys.readouterr().err


HOOKED = """
from dagger_providers import dag, task

@task
def same(x: int) -> int:
    return x

@task
def hear(record: dict) -> None: ...

@dag(on_success=hear)
def inner(x: int):
    return same(x)

@dag
def flow(x: int):
    return inner(x)
"""


def test_what_the_target_refuses_is_told_as_check_tells_it(
    flow: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path(flow).write_text(HOOKED)
    told = {}
    for command in ("check", "plan"):
        main([command, f"{flow}:flow", "--target", "kfp"])
        told[command] = capsys.readouterr().out.splitlines()[-1]
    assert "'inner.on_success' is a hook of a nested pipeline" in told["check"]
    assert told["plan"] == f"refused by {told['check']}"

    assert main(["plan", f"{flow}:flow", "--target", "argo", "--json"]) == 0
    (refused,) = json.loads(capsys.readouterr().out)["refused"]
    assert refused["rule"] == "argo/nested-hook"
    assert main(["plan", f"{flow}:flow", "--target", "local"]) == 0
    assert "refused" not in capsys.readouterr().out
