"""A run's name belongs to one run, and what it is given is its own."""

from pathlib import Path

import pytest

from dagger_providers import dag, task
from dagger_providers.errors import ModelError, UsageError


@task
def head(xs: list[int]) -> list[int]:
    return [xs[0], len(xs)]


@dag
def heads(xs: list[int]):
    return head(xs)


@task(env={"PYTHONHASHSEED": "7"})
def seeded() -> int:
    return hash("a")


@dag
def with_a_seed():
    return seeded()


def test_a_run_id_is_used_once(tmp_path: Path) -> None:
    heads.run(xs=[1], store=tmp_path, run_id="same")
    with pytest.raises(UsageError, match="there is a run 'same'"):
        heads.run(xs=[2], store=tmp_path, run_id="same")


def test_long_parameters_of_two_runs_stay_apart(tmp_path: Path) -> None:
    def run(run_id: str, xs: list[int]) -> list[int]:
        result = heads.run(xs=xs, store=tmp_path, run_id=run_id, workers="command")
        found: list[int] = result.outputs["return_value"]
        return found

    assert run("one", [7] + [1] * 5000) == [7, 5001]
    (tmp_path / "runs/one/run.json").unlink()
    assert run("one", [8] + [1] * 6000) == [8, 6001]


def test_the_hash_seed_is_no_option() -> None:
    with pytest.raises(ModelError, match="PYTHONHASHSEED"):
        with_a_seed.build()
