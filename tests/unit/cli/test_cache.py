"""What the commands say of cached results, and how these are listed and forgotten."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from dagger_providers.card import dumps
from dagger_providers.cli import main
from dagger_providers.execution.caching import VARIABLE
from dagger_providers.planning import plan
from unit.cli import caches

REF = "unit.cli.caches:sums"


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(VARIABLE, raising=False)


def test_run_says_what_is_cached(capsys: pytest.CaptureFixture[str]) -> None:
    main(["run", REF])
    assert "cached)" not in capsys.readouterr().err
    main(["run", REF])
    told = capsys.readouterr()
    assert told.out == "return_value = 9\n"
    assert "] triple: 2/2 done (2 cached)" in told.err
    assert "] total: cached" in told.err


def test_json_counts_what_is_cached(capsys: pytest.CaptureFixture[str]) -> None:
    main(["run", REF, "--json"])
    assert "cached" not in json.loads(capsys.readouterr().out)
    main(["run", REF, "--json", "--run-id", "r"])
    document = json.loads(capsys.readouterr().out)
    assert document["cached"] == {"triple": 2, "total": 1}
    place = Path(document["outputs"]["return_value"]["uri"])
    assert place.read_text() == "9"
    assert ".." not in place.parts
    main(["runs", "show", "r"])
    assert json.loads(capsys.readouterr().out)["nodes"]["triple"]["cached"] == 2


def test_no_cache_runs_all(capsys: pytest.CaptureFixture[str]) -> None:
    main(["run", REF])
    main(["run", REF, "--no-cache"])
    assert "cached)" not in capsys.readouterr().err


def by_card(name: str, address: str, run_id: str, *more: str) -> None:
    card = dumps(plan(getattr(caches, name).build()).steps[address].card)
    where = ["--store", "s", "--run-id", run_id]
    assert main(["run-node", "--card", card, *where, *more]) == 0


def test_the_node_command_says_where_a_result_is_from(capsys: pytest.CaptureFixture[str]) -> None:
    given = ["--param", "xs", "[4, 5]", "--index", "1"]
    by_card("sums", "triple", "airflow/d/r1", *given)
    assert capsys.readouterr().err == ""
    by_card("sums", "triple", "airflow/d/r2", *given)
    expected = "triple[1]: taken from the cache of run airflow/d/r1\n"
    assert capsys.readouterr().err == expected


def test_the_node_command_says_it_of_a_body_too(capsys: pytest.CaptureFixture[str]) -> None:
    for run_id in ("r1", "r2"):
        by_card("grouped", "together", run_id, "--param", "x", "1")
    assert capsys.readouterr().err == "inner: taken from the cache of run r1\n"


def test_plain_locations_have_no_cache(tmp_path: Path) -> None:
    for run_id in ("r1", "r2"):
        by_card("grouped", "together", run_id, "--param", "x", "1")
    card = dumps(plan(caches.sums.build()).steps["total"].card)
    given = ["--input", "xs", "xs", "--output", "return_value", "out.json"]
    (tmp_path / "xs").mkdir()
    (tmp_path / "xs" / "0").write_text("1")
    where = ["--store", "other", "--run-id", "r"]
    assert main(["run-node", "--card", card, *where, *given]) == 0
    assert (tmp_path / "out.json").read_text() == "1"
    assert not (tmp_path / "other" / "cache").exists()


def test_list_and_remove(capsys: pytest.CaptureFixture[str]) -> None:
    main(["cache", "list"])
    assert capsys.readouterr().out == "nothing cached in .dagger\n"
    main(["run", REF, "--run-id", "first", "--quiet"])
    capsys.readouterr()
    main(["cache", "list"])
    header, *lines = capsys.readouterr().out.splitlines()
    assert header.split() == ["key", "node", "run"]
    rows = [line.split() for line in lines]
    assert sorted((node, run) for _, node, run in rows) == [
        ("total", "first"), ("triple[0]", "first"), ("triple[1]", "first"),
    ]  # fmt: skip
    [key] = [key for key, node, _ in rows if node == "total"]
    assert main(["cache", "remove", key]) == 0
    assert main(["cache", "remove", "triple[0]"]) == 0
    assert capsys.readouterr().out == "removed 1\nremoved 1\n"
    main(["run", REF, "--json"])
    assert json.loads(capsys.readouterr().out)["cached"] == {"triple": 1}
    assert main(["cache", "remove", "triple"]) == 0
    assert capsys.readouterr().out == "removed 2\n"


def test_removing_what_is_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cache", "remove", "fit"]) == 2
    assert "under key or node 'fit'" in capsys.readouterr().err


def test_entries_of_a_deleted_run_say_so_and_can_be_forgotten(
    capsys: pytest.CaptureFixture[str],
) -> None:
    main(["run", REF, "--run-id", "old", "--quiet"])
    main(["run", REF, "--run-id", "new", "--quiet", "-p", "xs=[7]"])
    shutil.rmtree(".dagger/runs/old")
    capsys.readouterr()
    main(["cache", "list"])
    told = [line.split(maxsplit=1)[1].split() for line in capsys.readouterr().out.splitlines()[1:]]
    assert sorted(told) == [
        ["total", "new"],
        ["total", "old", "(gone)"],
        ["triple[0]", "new"],
        ["triple[0]", "old", "(gone)"],
        ["triple[1]", "old", "(gone)"],
    ]
    assert main(["cache", "remove", "triple", "--gone"]) == 0
    assert main(["cache", "remove", "--gone"]) == 0
    assert capsys.readouterr().out == "removed 2\nremoved 1\n"
    main(["cache", "list"])
    assert "gone" not in capsys.readouterr().out
    assert main(["cache", "remove"]) == 2
    assert "name a node or a key to forget, or give --gone" in capsys.readouterr().err


def test_a_stray_file_is_no_entry(capsys: pytest.CaptureFixture[str]) -> None:
    Path(".dagger/cache").mkdir(parents=True)
    Path(".dagger/cache/README").write_text("mine")
    assert main(["cache", "list"]) == 0
    assert capsys.readouterr().out == "nothing cached in .dagger\n"


def test_a_hit_inside_a_container_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    grouped = "unit.cli.caches:grouped"
    main(["run", grouped])
    assert "cached" not in capsys.readouterr().err
    main(["run", grouped])
    line = next(line for line in capsys.readouterr().err.splitlines() if "] together: " in line)
    assert line.endswith(" s (1 cached inside)")
