"""The example of a handwritten DAG, loaded as Airflow loads it from a dags folder."""

import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture
def bag(parsed):
    yield parsed(EXAMPLES / "airflow" / "taskflow_dag.py", EXAMPLES)
    for name in ("taskflow_tasks", "taskflow_dag"):
        sys.modules.pop(name, None)


def test_all_examples_are_read_from_one_dags_folder(parsed):
    found = parsed(EXAMPLES)

    assert found.import_errors == {}
    assert set(found.dags) == {"delays", "taskflow"}


def test_functions_are_named_by_file_whatever_airflow_calls_the_module(bag):
    assert bag.import_errors == {}
    node = bag.dags["taskflow"].task_dict["shout"].node

    assert '"function":"taskflow_dag.py:shout"' in node.card
    assert node.code_root == str(EXAMPLES / "airflow")


@pytest.mark.slow
def test_the_example_runs(bag):
    from dagger_providers.airflow.testing import run_dag_test

    done = run_dag_test(bag.dags["taskflow"])

    assert (done.reason, done.state) == ("", "success")
    assert [one.execution for one in done.tasks if "summarize" in one.task_id] == [
        *("longest-word.summarize[0]", "longest-word.summarize[1]"),
        *("summarize[0]", "summarize[1]"),
    ]


def test_tasks_as_processes_import_no_kubernetes(home, tmp_path):
    code = (
        "import sys\n"
        "from airflow.sdk import DAG, task\n"
        "from taskflow_tasks import summarize\n"
        "with DAG('d', schedule=None):\n"
        "    task.dagger(summarize)('to be')\n"
        "print([name for name in ('kubernetes', 'kfp') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": ":".join([str(EXAMPLES), *sys.path]), "AIRFLOW_HOME": str(home)},
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.splitlines()[-1] == "[]"
