"""The `airflow` command of a deployment that has dagger-providers installed, as people type it."""

import json
import os
import re
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture(scope="module")
def airflow(tmp_path_factory):
    """Run `airflow` in a home of its own, whose dags folder holds all examples as they are."""
    home = tmp_path_factory.mktemp("airflow")
    shutil.copytree(EXAMPLES, home / "dags", ignore=shutil.ignore_patterns("__pycache__"))
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW")}
    env = {
        **kept,
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__LOGGING__LOGGING_LEVEL": "ERROR",
        "COLUMNS": "200",
    }

    def airflow(*words):
        done = subprocess.run(
            [sys.executable, "-m", "airflow", *words],
            cwd=home,
            env=env,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return airflow


def test_the_provider_is_listed_with_its_version(airflow):
    [found] = json.loads(airflow("providers", "get", "dagger-providers", "-o", "json"))
    listed = json.loads(airflow("providers", "list", "-o", "json"))

    assert found == {"Provider": "dagger-providers", "Version": version("dagger-providers")}
    assert [one["version"] for one in listed if one["package_name"] == "dagger-providers"] == [
        version("dagger-providers")
    ]


@pytest.mark.needs("apache-airflow>=3.2", "lists options of providers")
def test_the_options_of_a_deployment_are_listed_with_what_they_mean(airflow):
    text = airflow("config", "list", "--section", "dagger_providers", "--include-descriptions")

    assert text.startswith("[dagger_providers]")
    shown = re.findall(r"^# (\w+) = ", text, re.MULTILINE)
    assert " ".join(shown) == "store_uri store_conn_id store_secret ui_stores launcher image"
    assert "# The store that holds the values and records of all runs" in text


@pytest.mark.needs("apache-airflow>=3.2", "takes commands of providers")
@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), ["settings", "record", "results"]),
        (("settings",), ["--output", "whether their store can be used"]),
        (("record",), ["dag_id", "run_id", "--store", "nodes' states"]),
        (("results",), ["dag_id", "run_id", "--index", "--store", "where it lies"]),
    ],
)
def test_every_command_of_ours_has_its_help(airflow, words, told):
    text = airflow("dagger", *words, "--help")

    assert text.startswith(" ".join(("Usage: airflow dagger", *words)))
    assert [word for word in told if word not in text] == []


def test_a_dags_folder_of_all_examples_has_their_dags_and_no_import_errors(airflow):
    airflow("db", "migrate")
    airflow("dags", "reserialize")

    assert airflow("dags", "list-import-errors", "-o", "json").split() == ["[]"]
    listed = json.loads(airflow("dags", "list", "-o", "json"))
    assert {Path(one["fileloc"]).name: one["dag_id"] for one in listed} == {
        "flight_delays_dag.py": "delays",
        "taskflow_dag.py": "taskflow",
    }
