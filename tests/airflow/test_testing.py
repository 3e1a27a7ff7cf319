"""The program that runs many pipelines for those who compare runtimes."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

FLOWS = Path(__file__).with_name("airflow_flows.py")


@pytest.fixture(scope="module")
def answers(tmp_path_factory):
    folder = tmp_path_factory.mktemp("jobs")
    (folder / "broken.py").write_text("raise RuntimeError('not\\ntoday')\n")
    jobs = [
        {"ref": f"{FLOWS}:mapped", "parameters": {"n": 2}},
        {"ref": f"{FLOWS}:mapped", "parameters": {}},
        {"ref": f"{FLOWS}:failing", "parameters": {"log": str(folder / "log"), "n": 2}},
        {"ref": f"{FLOWS}:nothing", "parameters": {}},
        {"ref": f"{folder}/broken.py", "parameters": {}},
        {"ref": f"{FLOWS}:mapped", "options": {"dag_id": "mine"}},
    ]
    for number, job in enumerate(jobs):
        job["store"] = str(folder / str(number))
    done = subprocess.run(
        [sys.executable, "-m", "dagger_providers.airflow.testing"],
        input=json.dumps(jobs),
        env={**os.environ, "PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_each_job_has_one_answer(answers):
    assert [answer["status"] for answer in answers] == [
        "succeeded", "succeeded", "failed", "refused", "refused", "succeeded",
    ]  # fmt: skip


def test_an_answer_says_what_airflow_ran_and_where_its_values_lie(answers):
    first = answers[0]

    assert sorted(first["tasks"]) == ["double[0]", "double[1]", "numbers", "total"]
    assert (Path(first["folder"]) / "nodes/total/commit.json").exists()
    assert first["engine"].startswith("Airflow 3.")
    assert {one["state"] for one in first["instances"]} == {"success"}


def test_pipelines_of_one_name_do_not_meet(answers):
    assert "/airflow/mapped/" in answers[0]["folder"]
    assert "/airflow/mapped__2/" in answers[1]["folder"]


def test_a_job_may_have_options_of_its_dag(answers):
    assert "/airflow/mine/" in answers[5]["folder"]


def test_an_answer_says_why_not_in_one_line(answers):
    assert answers[2]["reason"] == "always-fails[1] failed: ValueError: no 1 please"
    assert "has no pipeline 'nothing'; it has: " in answers[3]["reason"]
    assert answers[4]["reason"].endswith(": RuntimeError: not today (broken.py, line 1)")


def test_airflow_cannot_be_moved_after_it_has_read_its_home(tmp_path):
    code = (
        "import airflow\n"
        "from dagger_providers.airflow.testing import isolate\n"
        "try: isolate()\n"
        "except Exception as error: print(f'{type(error).__name__}: {error}')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "AIRFLOW_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )

    said = "UsageError: call isolate() before anything imports airflow: it reads its home once"
    assert done.stdout.splitlines()[-1] == said
