"""Compiled pipelines, run by the SDK's local engine."""

import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from dagger_providers import kfp
from dagger_providers.kfp import containers
from dagger_providers.testing.kfp_local import run_spec

pytestmark = pytest.mark.kfp

RUNS = [
    pytest.param("linear", {"text": "b"}, id="one after the other"),
    pytest.param("linear", {}, id="by default"),
    pytest.param("row", {"text": "b"}, id="tasks that share a component"),
    pytest.param("fan_in", {"a": "x", "b": "y"}, id="fan-in"),
    pytest.param("mapped", {"source": "s", "n": 0}, id="a loop over nothing"),
    pytest.param("mapped", {"source": "s", "n": 1}, id="a loop over one"),
    pytest.param("mapped", {"source": "s"}, id="a loop over three, two steps each"),
    pytest.param("over_parameter", {"words": []}, id="a loop over an empty parameter"),
    pytest.param("over_parameter", {"words": ["a", "b"]}, id="a loop over a parameter"),
    pytest.param("nested", {"words": ["ab", "", "c"]}, id="a loop in a loop, one of them empty"),
    pytest.param("nested", {"words": []}, id="a loop in a loop over nothing"),
    pytest.param("again", {"source": "s", "n": 2}, id="a loop over a loop's results"),
    pytest.param("named_alike", {"words": ["a"]}, id="a name in which KFP's for an item is"),
    pytest.param("chosen", {"words": ["x", "y"]}, id="branches by parameters' defaults"),
]


@pytest.mark.parametrize(("name", "parameters"), RUNS)
def test_it_gives_what_the_plain_call_gives(name, parameters, run, flow):
    ran = run(name, **parameters)

    assert ran.result.ok, ran.result.reason + ran.result.log
    assert ran.outputs == flow(name)(**parameters)
    assert sorted(ran.tasks) == sorted(ran.planned)


@pytest.mark.parametrize(
    ("words", "limit"), [(["a", "sky", "eel", "e", ""], 2), (["idea", "i"], 5)]
)
def test_long_loops_run_in_ranges_at_every_depth(words, limit, run, flow, monkeypatch):
    monkeypatch.setattr(containers, "MOST_ITEMS", limit)

    ran = run("sorted_out", words=words)

    assert ran.result.ok, ran.result.reason + ran.result.log
    assert ran.outputs == flow("sorted_out")(words)
    assert any(":" in name.partition("[")[2] for name in ran.ranges_too)


def test_parameters_of_every_type_arrive_as_they_were(run, flow):
    color = flow("typed").__wrapped__.__globals__["Color"]
    given = {
        "text": 'it\'s "quoted"\n\tπ 🐉 {{ x }} $HOME \\',
        "number": -(2**53),
        "ratio": 2,
        "flag": False,
        "values": [1, 2.0, None, "{{$}}", [True], 2**60],
        "mapping": {"z": 1, "a": {"k": [0.5, {}]}},
        "color": color.RED,
        "mode": "slow",
        "maybe": 0,
        "day": date(2024, 2, 29),
    }

    ran = run("typed", **given)

    assert ran.result.ok, ran.result.reason
    assert ran.outputs == flow("typed")(**{**given, "ratio": 2.0})


def test_defaults_of_every_type_arrive_as_they_were(run, flow):
    given = {"text": "", "number": 0, "ratio": 1e300, "flag": True, "values": [], "mapping": {}}

    ran = run("typed", **given)

    assert ran.result.ok, ran.result.reason
    assert ran.outputs == flow("typed")(**given)


def test_branches_are_chosen_by_parameters(run, flow):
    color = flow("typed").__wrapped__.__globals__["Color"]
    given = {"how": "third, or so", "level": -1, "color": color.BLUE, "mode": "twice"}

    ran = run("chosen", words=["x", "y"], loud=True, **given)

    assert ran.result.ok, ran.result.reason + ran.result.log
    assert ran.outputs == flow("chosen")(["x", "y"], loud=True, **given)
    assert sorted(ran.tasks) == sorted(
        ["how.third--or-so", "level.1-2", "color.b", "items-of-words",
         "each.true.switch.twice[0]", "each.true.switch.twice[1]"]
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("mode", "thrice", "switch 'each.true.switch' has no case for 'thrice' and no default; "),
        ("color", "g", "parameter 'color': value: expected Color, got str 'g'"),
    ],
)
def test_what_is_none_of_a_parameters_values_fails_where_kfp_has_not_checked_it(
    name, value, reason, flow, tmp_path
):
    pipeline = flow("chosen")
    text = kfp.compile(pipeline, image="none", store=str(tmp_path / "store"))
    given = {**kfp.arguments(pipeline, {"words": ["x"], "loud": True}), name: value}

    ran = run_spec(text, given, pipeline_root=tmp_path, runner="host")

    assert not ran.ok
    assert reason in ran.reason


def test_a_failed_container_fails_the_run_and_what_comes_after_does_not_run(run):
    ran = run("failing", words=["a", "b", "c"], bad="b")

    assert not ran.result.ok
    assert ran.result.reason == "fail-at[1]: ValueError: no b today"
    assert [task.name for task in ran.result.tasks if task.problem] == ["fail-at[1]"]
    assert not [name for name in ran.tasks if name.startswith("join")]


def test_a_container_that_kfp_starts_again_may_succeed(run, tmp_path):
    ran = run("lucky", folder=str(tmp_path))

    assert ran.result.ok, ran.result.reason
    assert ran.outputs == "DONE"
    assert [(task.name, bool(task.problem)) for task in ran.result.tasks] == [
        ("second-luck", True), ("second-luck", False), ("upper", False),
    ]  # fmt: skip


def test_all_tasks_of_a_run_share_its_id_and_each_run_has_its_own(run, tmp_path):
    first, second = run("linear", text="x"), run("linear", text="y")

    runs = sorted(folder.name for folder in (tmp_path / "store" / "runs").iterdir())
    assert runs == sorted([first.result.run_id, second.result.run_id])
    assert (first.outputs, second.outputs) == ("X", "Y")


def test_the_program_runs_jobs_and_prints_one_line_each(tmp_path):
    flows = Path(__file__).with_name("kfp_flows.py")
    jobs = [
        {"ref": f"{flows}:mapped", "parameters": {"source": "s", "n": 1}, "store": str(tmp_path)},
        {"ref": f"{flows}:nothing", "parameters": {}, "store": str(tmp_path)},
        {"ref": f"{tmp_path}/broken.py", "parameters": {}, "store": str(tmp_path)},
        {"ref": f"{flows}:failing", "parameters": {"words": ["a"], "bad": "a"},
         "store": str(tmp_path)},
    ]  # fmt: skip

    (tmp_path / "broken.py").write_text("print('hello')\n1 / 0\n")

    ended = subprocess.run(
        [sys.executable, "-m", "dagger_providers.testing.kfp_local"],
        input=json.dumps(jobs),
        env={**os.environ, "DOCKER_HOST": "unix:///nowhere"},
        capture_output=True,
        text=True,
        check=True,
    )

    done, refused, broken, failed = map(json.loads, ended.stdout.splitlines())
    assert done["status"] == "succeeded"
    assert done["tasks"] == ["names", "clean[0]", "fit[0]", "best"]
    assert Path(done["folder"], "nodes", "best", "commit.json").is_file()
    assert "processes of this machine" in done["engine"]
    assert refused["status"] == "refused"
    assert "no pipeline 'nothing'" in refused["reason"]
    assert broken["status"] == "refused"
    assert broken["reason"].endswith(": ZeroDivisionError: division by zero (broken.py, line 2)")
    assert failed["status"] == "failed"
    assert failed["reason"] == "fail-at[0]: ValueError: no a today"
