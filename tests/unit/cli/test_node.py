"""The node command: by card, and by name as py-dagger's users know it."""

from __future__ import annotations

import gc
import json
import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dagger_providers.card import dumps
from dagger_providers.cli import main
from dagger_providers.cli.node_options import USAGE, parse
from dagger_providers.dsl import DagFunction
from dagger_providers.planning import plan
from unit.cli import contract

REF = "unit.cli.contract:{}"


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def node(name: str, *arguments: str) -> int:
    return main(["run-node", REF.format(name), *arguments])


def card_of(pipeline: DagFunction[..., Any], address: str) -> str:
    return dumps(plan(pipeline.build()).steps[address].card)


def by_card(card: str, *arguments: str) -> int:
    return main(["run-node", "--card", card, "--store", "s", "--run-id", "r", *arguments])


def test_a_nested_node_with_a_pickled_and_a_json_input(tmp_path: Path) -> None:
    (tmp_path / "made").write_bytes(pickle.dumps({1, 2}))
    (tmp_path / "factor").write_text("10")
    given = ["--input", "made", "made", "--input", "factor", "factor", "--trust", "made"]
    assert (
        node("nested", "--node-name", "l1-b.l2-b", *given, "--output", "return_value", "out") == 0
    )
    assert (tmp_path / "out").read_bytes() == b"30"


def test_a_default_makes_an_input_optional(tmp_path: Path) -> None:
    given = ["--node-name", "l1-a", "--output", "return_value", "out"]
    assert node("nested", *given) == 0
    assert pickle.loads((tmp_path / "out").read_bytes()) == {3}
    assert node("nested", *given, "--param", "n", "4") == 0
    assert pickle.loads((tmp_path / "out").read_bytes()) == {4}
    (tmp_path / "n").write_text("5")
    assert node("nested", *given, "--param", "n", "4", "--input", "n", "n") == 0
    assert pickle.loads((tmp_path / "out").read_bytes()) == {5}


def test_partitions_in_numeric_order(tmp_path: Path) -> None:
    assert node("map_reduce", "--node-name", "numbers", "--param", "n", "12",
                "--output", "return_value", "parts") == 0  # fmt: skip
    assert json.loads((tmp_path / "parts/partitions.json").read_text()) == list(map(str, range(12)))
    assert sorted(p.name for p in (tmp_path / "parts").iterdir())[:3] == ["0", "1", "10"]
    (tmp_path / "mapped").mkdir()
    for name in map(str, range(12)):
        given = ["--input", "x", f"parts/{name}", "--output", "return_value", f"mapped/{name}"]
        assert node("map_reduce", "--node-name", "triple", *given) == 0
    given = ["--input", "xs", "mapped", "--output", "return_value", "sum"]
    assert node("map_reduce", "--node-name", "total", *given) == 0
    assert (tmp_path / "sum").read_text() == "198"


def test_nothing_is_a_manifest_of_nothing(tmp_path: Path) -> None:
    assert node("map_reduce", "--node-name", "numbers", "--param", "n", "0",
                "--output", "return_value", "parts") == 0  # fmt: skip
    assert [p.name for p in (tmp_path / "parts").iterdir()] == ["partitions.json"]
    assert node("map_reduce", "--node-name", "total", "--input", "xs", "parts",
                "--output", "return_value", "sum") == 0  # fmt: skip
    assert (tmp_path / "sum").read_text() == "0"


def test_an_empty_name_is_the_whole_pipeline(tmp_path: Path) -> None:
    (tmp_path / "n").write_text("5")
    for name in ([], ["--node-name", ""]):
        assert node("map_reduce", *name, "--input", "n", "n", "--output", "return_value", "o") == 0
        assert (tmp_path / "o").read_text() == "30"
    outputs = ["--output", "a", "deep/a", "--output", "parts", "parts"]
    assert node("by_key", "--param", "x", "3", *outputs) == 0
    assert (tmp_path / "deep/a").read_text() == "3"
    assert [(tmp_path / "parts" / n).read_text() for n in "012"] == ["0", "1", "2"]
    assert not (tmp_path / ".dagger").exists()


def test_a_gathered_list_of_models(tmp_path: Path) -> None:
    assert node("points", "--output", "points", "made") == 0
    assert [(tmp_path / "made" / n).read_text() for n in "012"] == [
        '{"x":0}', '{"x":1}', '{"x":2}'
    ]  # fmt: skip
    given = ["--node-name", "widest", "--input", "points", "made", "--output", "return_value", "o"]
    assert node("points", *given) == 0
    assert (tmp_path / "o").read_text() == "2"


def test_outputs_are_overwritten_and_the_last_option_counts(tmp_path: Path) -> None:
    (tmp_path / "o").write_text("old")
    (tmp_path / "a").write_text("1")
    (tmp_path / "b").write_text("2")
    given = ["--input", "x", "a", "--input", "x", "b", "--output", "return_value", "o"]
    assert node("map_reduce", "--node-name", "triple", *given) == 0
    assert (tmp_path / "o").read_text() == "6"


def test_expected_content(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "x").write_text("1")
    digest = "6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b"
    given = ["--node-name", "triple", "--input", "x", "x", "--output", "return_value", "o"]
    assert node("map_reduce", *given, "--expect", "x", f"sha256:{digest}") == 0
    (tmp_path / "x").write_text("2")
    assert node("map_reduce", *given, "--expect", "x", f"sha256:{digest}") == 2
    assert "was changed since it was written" in capsys.readouterr().err


def test_a_node_by_name_in_a_store(tmp_path: Path) -> None:
    store = ["--store", "s", "--run-id", "r"]
    assert node("map_reduce", "--node-name", "numbers", *store) == 0
    for index in range(5):
        assert node("map_reduce", "--node-name", "triple", *store, "--index", str(index)) == 0
    assert node("map_reduce", "--node-name", "total", *store) == 0
    (written,) = tmp_path.glob("s/runs/r/nodes/total/attempt-*/return_value.json")
    assert written.read_text() == "30"


def test_a_nested_pipeline_is_run_node_by_node(capsys: pytest.CaptureFixture[str]) -> None:
    assert node("nested", "--node-name", "l1-b") == 2
    assert "run its nodes one by one: l1-b.l2-b" in capsys.readouterr().err


def test_cards_that_emit_what_they_feed(tmp_path: Path) -> None:
    card = card_of(contract.map_reduce, "numbers")
    assert by_card(card, "--param", "n", "3", "--emit", "deep/indices.json") == 0
    assert (tmp_path / "deep/indices.json").read_text() == '["0","1","2"]'
    (inserted,) = (s for s in plan(contract.over_parameter.build()).steps.values() if s.inserted)
    emit = ["--param", "xs", "[7, 8]", "--emit", "i.json"]
    assert by_card(dumps(inserted.card), *emit) == 0
    assert (tmp_path / "i.json").read_text() == '["0","1"]'


def test_a_card_from_a_file_and_parameters_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "card.json").write_text(card_of(contract.show, "shown"))
    (tmp_path / "all.json").write_text('{"x": {"é": 1.0}, "other": null}')
    given = ["--card-file", "card.json", "--params-file", str(tmp_path / "all.json")]
    assert main(["run-node", *given, "--output", "return_value", "o"]) == 0
    assert json.loads((tmp_path / "o").read_text()) == "{'é': 1.0}"


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        ("str", "3", "'3'"),
        ("str", "-h", "'-h'"),
        ("str", "--debug", "'--debug'"),
        ("str", "", "''"),
        ("int", "3", "3"),
        ("int", "-3.0", "-3"),
        ("int", "1e+06", "1000000"),
        ("int", "9007199254740993", "9007199254740993"),
        ("float", "3", "3.0"),
        ("float", "1e-7", "1e-07"),
        ("bool", "true", "True"),
        ("bool", "False", "False"),
        ("json", '[1, 2.0, {"a": null}]', "[1, 2.0, {'a': None}]"),
    ],
)
def test_parameters_as_text(kind: str, text: str, expected: str, tmp_path: Path) -> None:
    card = card_of(contract.show, "shown")
    given = ["--param-as", kind, "x", text, "--output", "return_value", "o"]
    assert main(["run-node", "--card", card, *given]) == 0
    assert json.loads((tmp_path / "o").read_text()) == expected


@pytest.mark.parametrize(
    ("kind", "text"),
    [("int", "3.5"), ("int", "x"), ("int", "1e300"), ("float", "nan"), ("float", ""),
     ("bool", "1"), ("json", "NaN"), ("json", "{")],
)  # fmt: skip
def test_text_of_another_kind(kind: str, text: str, capsys: pytest.CaptureFixture[str]) -> None:
    card = card_of(contract.show, "shown")
    assert by_card(card, "--param-as", kind, "x", text) == 2
    assert f"parameter 'x' must be {kind}, got {text!r}" in capsys.readouterr().err


def test_help_teaches(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run-node", "--help"]) == 0
    assert capsys.readouterr().out == USAGE
    assert main(["run-node", "-h"]) == 0
    assert main(["run-node"]) == 2
    assert max(map(len, USAGE.splitlines())) <= 100


def test_every_option_is_in_the_help() -> None:
    from dagger_providers.cli import node_options as options

    names = {
        *options._WORDS,
        *options._PAIRS,
        *options._REPEATED,
        *options._SWITCHES,
        *options._TYPED,
    } - {"help"}
    assert all(f"--{name.replace('_', '-')} " in USAGE for name in names)
    assert {f"  --{n.replace('_', '-')} " for n in names} == {
        line[: line.index(" ", 3) + 1] for line in USAGE.splitlines() if line.startswith("  --")
    }


def test_options_are_read_in_any_order() -> None:
    request = parse(["--param", "a", "1", "flow.py", "--index", "0.2", "--param", "b", "2"])
    assert (request.ref, request.whole_index, request.param) == (
        "flow.py",
        "0.2",
        {"a": "1", "b": "2"},
    )


def test_the_collector_is_left_alone_in_process() -> None:
    assert gc.isenabled()
    main(["run-node", "--card", card_of(contract.show, "shown"), "--param", "x", "1",
          "--output", "return_value", "o"])  # fmt: skip
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0


def test_a_branch_of_a_switch(tmp_path: Path) -> None:
    given = ["--node-name", "switch.low", "--param", "x", "-4", "--output", "return_value", "out"]
    assert node("branching", *given) == 0
    assert (tmp_path / "out").read_text() == "-4"


def test_one_turn_of_a_repetition(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "x").write_text("7")
    (tmp_path / "by").write_text("2")
    turn = ["--node-name", "switch.default.upward.turn", "--input", "x", "x"]
    assert node("branching", *turn, "--output", "return_value", "out") == 2
    assert capsys.readouterr().err.endswith(" needs --input by LOCATION\n")
    given = [*turn, "--input", "by", "by", "--output", "return_value", "out"]
    assert node("branching", *given) == 0
    assert json.loads((tmp_path / "out").read_text()) == {"x": 9, "done": True}


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("switch", "a switch; run its branches one by one: switch.low, switch.default"),
        ("switch.default", "a nested pipeline; run its nodes one by one: switch.default.upward"),
        (
            "switch.default.upward",
            "a repetition; run its turns one by one: switch.default.upward.turn",
        ),
    ],
)
def test_what_holds_other_nodes_is_no_task(
    name: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert node("branching", "--node-name", name, "--output", "return_value", "out") == 2
    assert capsys.readouterr().err == f"dagger-providers: error: {name!r} is {told}\n"


def test_a_chunk_of_a_loop_runs_its_items_in_one_process(tmp_path: Path) -> None:
    made = by_card(card_of(contract.map_reduce, "numbers"), "--param", "n", "5", "--emit", "all")
    assert made == 0
    limited = ["--param", "n", "5", "--emit", "few", "--emit-limit", "2"]
    assert by_card(card_of(contract.map_reduce, "numbers"), *limited) == 0
    assert json.loads((tmp_path / "all").read_text()) == ["0", "1", "2", "3", "4"]
    assert json.loads((tmp_path / "few").read_text()) == ["0:2", "2:5"]
    assert by_card(card_of(contract.map_reduce, "triple"), "--index", "2:5") == 0
    assert sorted(p.name for p in (tmp_path / "s/runs/r/nodes/triple").iterdir()) == ["2", "3", "4"]


def test_a_branch_by_a_parameter_does_not_run_for_a_value_without_a_case(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    card = card_of(contract.by_parameter, "switch.show")
    assert by_card(card, "--param", "x", "1", "--param", "mode", '"none"') == 1
    assert capsys.readouterr().err == (
        "dagger-providers: error: switch 'switch' has no case for 'none' and no default; "
        "its cases: 'own', 'show'\n"
    )
    assert not (tmp_path / "s").exists()


# What an engine starts again


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """Start the same container as an engine that has done so some times before."""

    def start(times: object, *, bad: Any = True, items: str = "") -> int:
        monkeypatch.setenv("TRY", str(times))
        given = ["--param", "folder", json.dumps(str(tmp_path)), "--param", "bad", json.dumps(bad)]
        card = card_of(contract.marking, "marked")
        if items:
            card = card_of(contract.marking_items, "marked-item")
            given += ["--param", "items", items, "--index", "0:3"]
        return by_card(card, *given, "--started", "TRY")

    return start


def marks(folder: Path) -> int:
    return len(list(folder.glob("mark-*")))


@pytest.mark.parametrize("name", ["{}", "run-x7.step.executor({})"])
def test_what_failed_in_the_users_code_is_not_run_again(
    name: str, start: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert start(name.format(0)) == 1
    traceback = capsys.readouterr().err
    assert traceback.endswith("ValueError: no luck\nin node marked\n")
    for number in (1, 2):
        assert start(name.format(number), bad=False) == 1
        told = "dagger-providers: marked failed so before, and is not run again\n"
        assert capsys.readouterr().err == traceback + told
    assert marks(tmp_path) == 1


def test_a_user_who_begins_again_has_it_run_again(
    start: Callable[..., int], tmp_path: Path
) -> None:
    assert (start(0), start(1)) == (1, 1)
    assert start(0, bad=False) == 0
    assert marks(tmp_path) == 2


def test_what_was_lost_is_run_again_though_an_earlier_generation_failed(
    start: Callable[..., int], tmp_path: Path
) -> None:
    assert (start(0), start(1)) == (1, 1)
    assert start(1, bad=False) == 0  # the try 0 before it left nothing
    assert marks(tmp_path) == 2


@pytest.mark.parametrize("told", ["", "run-x7.step.executor", "step(0:0)"])
def test_an_engine_that_does_not_say_how_often_runs_it_again(
    told: str, start: Callable[..., int], tmp_path: Path
) -> None:
    assert (start(told), start(told, bad=False)) == (1, 0)
    assert marks(tmp_path) == 2


def test_an_unreachable_store_is_no_failure_of_the_user(
    start: Callable[..., int], tmp_path: Path
) -> None:
    assert start(0) == 1
    place = tmp_path / "s/runs/r/nodes/marked/failure.json"
    place.write_text(json.dumps({**json.loads(place.read_text()), "exit_status": 3}))
    assert start(1, bad=False) == 0


def test_of_several_items_one_that_failed_ends_the_next_try_before_any_runs(
    start: Callable[..., int], tmp_path: Path
) -> None:
    assert start(0, bad=1, items="[0, 1, 2]") == 1
    assert sorted(p.name for p in tmp_path.glob("item-*")) == ["item-0", "item-1"]
    for mark in tmp_path.glob("item-*"):
        mark.unlink()
    assert start(1, bad=7, items="[0, 1, 2]") == 1
    assert not list(tmp_path.glob("item-*"))


@pytest.mark.parametrize("index", ["0:x", ":", "1:2:3", "0.1:", "0-2"])
def test_what_is_no_chunk_is_refused(index: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert by_card(card_of(contract.map_reduce, "triple"), "--index", index) == 2
    assert f"{index!r} is no index: write positions" in capsys.readouterr().err


ENDING = """
import atexit, ctypes, os, threading, time
from dagger_providers import dag, task

CALLBACK = ctypes.CFUNCTYPE(None, ctypes.c_int, ctypes.c_void_p)
aborts = CALLBACK(lambda *_: os.abort())


def late():
    time.sleep(0.1)
    print("the thread is done")


@task
def end() -> int:
    atexit.register(print, "the exit function ran")
    threading.Thread(target=late).start()
    if not hasattr(ctypes.CDLL(None), "on_exit"):
        return 1
    ctypes.CDLL(None).on_exit(aborts, None)  # as a library in C++ does whose threads still run
    return 1


@dag
def flow():
    return end()
"""


@pytest.mark.parametrize(
    "command",
    [
        ["run-node", "flow.py", "--node-name", "end", "--output", "return_value", "o"],
        ["run", "flow.py", "--quiet"],
    ],
)
def test_a_library_that_aborts_at_the_end_spoils_nothing(command: list[str]) -> None:
    Path("flow.py").write_text(ENDING)
    ended = subprocess.run(
        [sys.executable, "-m", "dagger_providers", *command],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.splitlines()[-2:] == ["the thread is done", "the exit function ran"]
