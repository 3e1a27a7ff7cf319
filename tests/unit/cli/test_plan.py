"""The command `plan`: the steps that a target will see."""

from __future__ import annotations

import json
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
step            runs                as                                  needs
items-of-ns     once                inserted step                       -
split           for each ns         mapped tasks                        items-of-ns
items-of-split  once                inserted step                       split
double          for each ns, split  mapped tasks over an index product  split, items-of-split
total           once                step                                double, split
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
    for target in ("local", "airflow:kubernetes", "kfp"):
        assert main(["plan", flow, "--target", target, "--json"]) == 0
        document = json.loads(capsys.readouterr().out)
        (step,) = (step for step in document["steps"] if step["address"] == "double")
        words[document["target"]] = (document["lowering"], step["lowering"])
        assert step["function"].endswith(":double")
        assert (step["runs"], step["over"]) == ("for each ns, split", ["ns", "split"])
        assert (step["needs"], step["inserted"]) == (["split", "items-of-split"], None)
    assert words == {
        "local": ("loops", "loop"),
        "airflow": (
            "mapped tasks, inserted step, mapped tasks over an index product",
            "mapped tasks over an index product",
        ),
        "kfp": (
            "ParallelFor, inserted step, ParallelFor over an index product",
            "ParallelFor over an index product",
        ),
    }


def test_a_target_is_named(flow: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", flow]) == 2
    assert "--target" in capsys.readouterr().err
    assert main(["plan", flow, "--target", "spark"]) == 2
    assert "no target 'spark'; there are: local, airflow, kfp" in capsys.readouterr().err
