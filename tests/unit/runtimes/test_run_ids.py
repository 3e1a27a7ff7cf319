"""A run's name belongs to one run, and what it is given is its own."""

import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from dagger_providers import dag, task
from dagger_providers.errors import ModelError, UsageError
from dagger_providers.runtimes.local.run import new_run_id


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


def test_of_two_runs_that_begin_at_once_one_has_the_id(tmp_path: Path) -> None:
    def begin(_: int) -> str:
        try:
            return heads.run(xs=[1], store=tmp_path, run_id="same").status
        except UsageError as error:
            return str(error)

    with ThreadPoolExecutor(8) as pool:
        ended = Counter(pool.map(begin, range(8)))
    assert ended.pop("succeeded") == 1
    [refused] = ended
    assert refused == f"there is a run 'same' in {tmp_path} already; give another run id"


def test_ids_sort_by_time_and_are_never_the_same() -> None:
    made = [new_run_id("flow") for _ in range(2000)]
    assert len(set(made)) == len(made)
    times = [name.rpartition("-")[0] for name in made]
    assert times == sorted(times)
    assert re.fullmatch(r"flow-\d{8}-\d{9}-[0-9a-f]{6}", made[0])


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
