"""The command `check`: which targets it asks, and how it tells what they say."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from packaging.specifiers import SpecifierSet

from dagger_providers.cli import main
from dagger_providers.cli.targets import TARGETS

FLOW = """
from dagger_providers import dag, task

@task(timeout="10m")
def say(n: int) -> int:
    return n

@dag
def flow(n: int = 2**60):
    return say(n)
"""


@pytest.fixture
def flow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    (tmp_path / "flow.py").write_text(FLOW)
    monkeypatch.chdir(tmp_path)
    return "flow.py"


@pytest.mark.parametrize("target", TARGETS.values(), ids=lambda target: target.name)
def test_the_table_holds_for_what_is_installed(target) -> None:
    rows = target.table()
    assert len({rule.id for rule in rows}) == len(rows)
    assert {rule.target for rule in rows} == {target.name}
    assert all(target.version in SpecifierSet(rule.versions) for rule in rows)
    assert all(rule.about and rule.reason and rule.source and rule.instead for rule in rows)


def test_a_target_that_can_do_it_all(flow: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", flow, "--target", "local", "-t", "airflow", "-t", "argo"]) == 0
    told = capsys.readouterr().out.splitlines()
    assert told == [
        f"local: fine (dagger-providers {TARGETS['local'].version})",
        f"airflow: fine (apache-airflow {TARGETS['airflow'].version})",
        "argo: fine (argo-workflows 4.1)",
    ]


def test_one_way_of_a_target(flow: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", flow, "--target", "local:threads"]) == 1
    assert "which threads of one process cannot keep" in capsys.readouterr().out
    assert main(["check", flow, "--target", "local:processes"]) == 0


def test_a_target_that_is_not_installed(
    flow: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(TARGETS, "kfp", replace(TARGETS["kfp"], package="not-installed-here"))
    needs = "needs the extra 'kfp': pip install 'dagger-providers[kfp]'"

    assert main(["check", flow]) == 0
    told = capsys.readouterr().out.splitlines()
    assert told[-2] == f"kfp: not checked; Kubeflow Pipelines {needs}"

    assert main(["check", flow, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[-2]["status"] == "not installed"

    assert main(["check", flow, "--target", "kfp"]) == 2
    error = f"dagger-providers: error: checking for Kubeflow Pipelines {needs}\n"
    assert capsys.readouterr().err == error


def test_one_json_document(flow: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", flow, "--target", "kfp", "--json"]) == 1

    told = capsys.readouterr()
    (verdict,) = json.loads(told.out)
    (refusal,) = verdict.pop("refusals")
    assert told.err == ""
    assert verdict == {
        "target": "kfp",
        "engine": "kfp-pipeline-spec",
        "version": TARGETS["kfp"].version,
        "extra": "kfp",
        "status": "refused",
    }
    assert refusal == {
        "rule": "kfp/whole-number",
        "place": "parameter 'n'",
        "what": f"parameter 'n' is {2**60}, and KFP rounds whole numbers beyond 2**53",
        "reason": "KFP keeps numbers as doubles",
        "source": "protobuf: google/protobuf/struct.proto, Value.number_value",
        "versions": ">=2.0,<3",
        "certain": True,
        "instead": "pass it as a str and convert it in a task",
    }


@pytest.mark.parametrize(
    ("target", "says"),
    [
        ("spark", "no target 'spark'; there are: local, airflow, kfp, argo\n"),
        (
            "airflow:docker",
            "target 'airflow' has no variant 'docker'; there are: airflow:process, ",
        ),
        ("kfp:pods", "target 'kfp' has no variant 'pods'; there are: only kfp"),
    ],
)
def test_no_such_target(
    target: str, says: str, flow: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", flow, "--target", target]) == 2
    told = capsys.readouterr().err
    assert says in told
    assert told.count("\n") == 1
