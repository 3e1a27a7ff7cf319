"""The `airflow` command of a deployment that has dagger-providers installed, as people type it."""

import json
import os
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
AIRFLOW = ROOT / "dev" / "airflow.sh"


@pytest.fixture(scope="module")
def airflow(tmp_path_factory):
    """Run `airflow` in a home of its own, with the examples as `make airflow` shows them."""
    home = tmp_path_factory.mktemp("airflow")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW")}
    env = {
        **kept,
        "AIRFLOW_HOME": str(home),
        "BIN": str(Path(sys.executable).parent),
        "AIRFLOW__LOGGING__LOGGING_LEVEL": "ERROR",
        "COLUMNS": "200",
    }

    def airflow(*words):
        done = subprocess.run(
            ["bash", AIRFLOW, *words],
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
        (("settings",), ["--output", "try it: stores, connections, launcher"]),
        (("record",), ["dag_id", "run_id", "--store", "--store-conn-id", "states of its nodes"]),
        (("results",), ["dag_id", "run_id", "--index", "--store-conn-id", "the option store_uri"]),
    ],
)
def test_every_command_of_ours_has_its_help(airflow, words, told):
    text = airflow("dagger", *words, "--help")

    assert text.startswith(" ".join(("Usage: airflow dagger", *words)))
    assert [word for word in told if word not in text] == []


def test_every_example_has_its_dags_and_no_import_errors(airflow):
    airflow("db", "migrate")
    airflow("dags", "reserialize")

    assert airflow("dags", "list-import-errors", "-o", "json").split() == ["[]"]
    listed = json.loads(airflow("dags", "list", "-o", "json"))
    assert {(one["dag_id"], Path(one["fileloc"]).name) for one in listed} == {
        ("delays", "flight_delays_dag.py"),
        ("taskflow", "taskflow_dag.py"),
        ("delays-yaml", "flight_delays.yaml.py"),
        ("hello", "hello.py.py"),
        ("word-count", "map_reduce.py.py"),
        ("word-count-yaml", "word_count.yaml.py"),
        ("orbit", "nested.py.py"),
        ("orbits", "nested.py.py"),
        ("orbits-yaml", "orbits.yaml.py"),
        ("longest-word", "taskflow_tasks.py.py"),
    }
    files = {file.name for file in EXAMPLES.iterdir() if file.suffix in {".py", ".yaml"}}
    of_other_files = {"demo.py", "flight_delays.py"}
    assert {f"{name}.py" for name in files - of_other_files} <= {
        Path(one["fileloc"]).name for one in listed
    }
