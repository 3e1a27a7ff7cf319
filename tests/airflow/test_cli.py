"""The commands ``airflow dagger ...``, parsed as `airflow` parses them."""

import json
import shutil
from pathlib import Path
from urllib.parse import quote

import pytest

from dagger_providers.card.functions import load_file
from dagger_providers.execution.live import as_it_is
from dagger_providers.storage import open_store
from dagger_providers.tracking import read_record

pytestmark = pytest.mark.needs("apache-airflow>=3.2", "takes commands of providers")


@pytest.fixture
def command(home, capsys):
    from airflow.cli.cli_parser import get_parser

    def command(*words):
        args = get_parser().parse_args(["dagger", *words])
        capsys.readouterr()
        args.func(args)
        return json.loads(capsys.readouterr().out)

    return command


def test_settings_tells_what_is_in_force_and_that_the_store_can_be_used(
    command, home, monkeypatch, tmp_path
):
    monkeypatch.setenv("AIRFLOW__DAGGER_PROVIDERS__STORE_URI", str(tmp_path))
    monkeypatch.setenv("AIRFLOW__DAGGER_PROVIDERS__IMAGE", "flows:1")

    found = {row["option"]: row["value"] for row in command("settings", "-o", "json")}

    assert found["[dagger_providers] store_uri"] == f"{tmp_path} (can be written)"
    assert found["[dagger_providers] launcher"] == "process"
    assert found["[dagger_providers] image"] == "flows:1"
    assert list(tmp_path.iterdir()) == []


def test_settings_fails_when_the_store_cannot_be_used(command, monkeypatch, tmp_path, capsys):
    (tmp_path / "file").touch()
    monkeypatch.setenv("AIRFLOW__DAGGER_PROVIDERS__STORE_URI", str(tmp_path / "file" / "store"))

    with pytest.raises(SystemExit) as ended:
        command("settings", "-o", "json")
    assert ended.value.code == 1
    assert "is a file, and should be a folder" in capsys.readouterr().out


def test_results_shows_what_a_run_wrote(command, run):
    done = run("mapped", n=2).run
    given = ("results", done.dag_id, done.airflow_run_id, "--store", done.store, "-o", "json")

    rows = command(*given)
    assert {row["node"] for row in rows} == {"numbers", "double/0", "double/1", "total"}
    assert all(row["state"] == "done" for row in rows)

    [row] = command(*given[:3], "double", "--index", "1", *given[3:])
    assert row["location"].startswith(f"{done.folder}/nodes/double/1/attempt-")
    assert row["output"] == "return_value"


def test_results_of_what_does_not_exist_is_one_line(command, tmp_path):
    with pytest.raises(SystemExit, match=r"nothing is recorded in .*/airflow/d/r; check the ids"):
        command("results", "d", "r", "fit", "--store", str(tmp_path))


def test_results_of_a_mapped_task_are_those_of_all_its_items(command, run):
    done = run("mapped", n=11).run
    given = ("--store", done.store, "-o", "json")

    rows = command("results", done.dag_id, done.airflow_run_id, "double", *given)
    assert [row["node"] for row in rows] == [f"double/{index}" for index in range(11)]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("fit",), r"nothing of task fit is recorded in .*; of: double, numbers, total$"),
        (("double", "--index", "7"), r"nothing of task double\[7\] is recorded in .*; of: double"),
        (("double", "--index", "x"), r"'x' is no index: write positions like 3 or 0.2$"),
        (("--index", "1"), r"--index is of a task: name its task_id too$"),
    ],
)
def test_results_that_are_not_there_say_what_is(command, run, words, told):
    done = run("mapped", n=2).run

    with pytest.raises(SystemExit, match=rf"^airflow dagger results: {told}"):
        command("results", done.dag_id, done.airflow_run_id, *words, "--store", done.store)


@pytest.mark.parametrize("name", ["results", "record"])
def test_a_run_in_the_store_of_a_connection_is_shown(command, run, guarded, name):
    done = run("mapped", {"store": None, "store_conn_id": guarded.conn_id}, n=2).run
    more = ("-o", "json") if name == "results" else ()

    given = (done.dag_id, done.airflow_run_id, "--store-conn-id", guarded.conn_id)
    assert guarded.uri in json.dumps(command(name, *given, *more))


UNKNOWN = "no connection 'gone'; add one of type 'dagger_store', or name another by store_conn_id"


@pytest.mark.parametrize("name", ["results", "record"])
def test_a_connection_that_does_not_exist_is_one_line(command, name):
    with pytest.raises(SystemExit) as ended:
        command(name, "d", "r", "--store-conn-id", "gone")

    assert ended.value.code == f"airflow dagger {name}: {UNKNOWN}"


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("store_conn_id", "gone", UNKNOWN),
        ("ui_stores", "s3s://b/x,gone", f"s3s://b/x: no file system is known as s3s://; {UNKNOWN}"),
        ("launcher", "podman", "no launcher 'podman'; there are: container, kubernetes, process"),
        (
            "launcher",
            "kubernetes",
            "no store is named, and pods do not reach the folder in AIRFLOW_HOME; ",
        ),
    ],
)
def test_settings_tells_which_option_no_dag_can_use(
    command, monkeypatch, capsys, name, value, told
):
    monkeypatch.setenv(f"AIRFLOW__DAGGER_PROVIDERS__{name.upper()}", value)

    with pytest.raises(SystemExit) as ended:
        command("settings", "-o", "json")

    said = capsys.readouterr()
    shown = {row["option"]: row["value"] for row in json.loads(said.out)}
    assert ended.value.code == 1
    assert said.err.startswith(f"airflow dagger settings: [dagger_providers] {name}: {told}")
    assert said.err.count("\n") == 1
    assert shown[f"[dagger_providers] {name}"].startswith(f"{value} ({told}")


def test_a_table_shows_what_stands_in_brackets(home, monkeypatch, capsys):
    from airflow.cli.cli_parser import get_parser

    monkeypatch.setenv("AIRFLOW__DAGGER_PROVIDERS__IMAGE", "flows[one]")
    args = get_parser().parse_args(["dagger", "settings"])
    args.func(args)

    told = " ".join(capsys.readouterr().out.split())
    assert "[dagger_providers] image | flows[one]" in told


def test_settings_can_be_those_of_a_connection(command, monkeypatch, guarded):
    monkeypatch.setenv("AIRFLOW__DAGGER_PROVIDERS__UI_STORES", "the_store")
    monkeypatch.setenv("AIRFLOW__DAGGER_PROVIDERS__STORE_CONN_ID", "the_store")
    monkeypatch.setenv("AIRFLOW__DAGGER_PROVIDERS__LAUNCHER", "kubernetes")

    shown = {row["option"]: row["value"] for row in command("settings", "-o", "json")}
    assert shown["[dagger_providers] store_uri"] == f"{guarded.uri} (can be written)"
    assert shown["[dagger_providers] ui_stores"] == "the_store"


def test_the_record_of_a_run_names_the_dag_run_and_the_states_of_nodes(command, run):
    done = run("mapped", n=2).run

    found = command("record", done.dag_id, done.airflow_run_id, "--store", done.store)
    page = f"/dags/{done.dag_id}/runs/{quote(done.airflow_run_id, safe='')}"
    assert (found["folder"], found["run_id"]) == (done.folder, done.run_id)
    assert found["engine"].pop("url").endswith(page)
    assert found["engine"] == {
        "name": "airflow", "dag_id": done.dag_id, "run_id": done.airflow_run_id,
    }  # fmt: skip
    assert (found["status"], found["runtime"], found["pipeline"]) == (
        "succeeded", "airflow", "mapped",
    )  # fmt: skip
    assert found["parameters"] == {"n": 2}
    assert found["nodes"]["double"] == {"status": "succeeded", "done": 2, "items": 2}


def test_runs_show_shows_a_dag_run(run, tmp_path, capsys):
    from dagger_providers.cli import main

    done = run("failing", log=str(tmp_path / "log"), n=2).run
    capsys.readouterr()

    assert main(["runs", "show", done.run_id, "--store", done.store]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["status"] == "failed"
    assert found["failure"]["message"] == "no 1\n  please"
    assert found["engine"]["run_id"] == done.airflow_run_id
    assert "card" not in found


@pytest.mark.parametrize("name", ["group_subgraphs", "repeat_in_loops", "switch_nested", "hooks"])
def test_a_record_knows_the_nodes_of_every_shape(home, tmp_path, name):
    from dagger_providers.airflow.testing import execute

    programs = Path(__file__).parents[1] / "conformance" / "programs"
    program = load_file(f"{name}.py", str(programs))
    given = {
        key: str(tmp_path) if value in ("SCRATCH", "STORE") else value
        for key, value in program.RUNS[0][0].items()
    }
    done = execute(program.PIPELINE, given, str(tmp_path / "store"), dag_id=f"recorded-{name}")
    found = as_it_is(read_record(open_store(done.folder)), done.store)

    assert (done.state, found["status"]) == ("success", "succeeded")
    assert found["nodes"]
    assert {one["status"] for one in found["nodes"].values()} <= {"succeeded", "skipped"}


def test_a_run_of_which_more_may_come_is_running(command, run):
    done = run("mapped", {"dag_id": "not-over"}, n=2).run
    shutil.rmtree(f"{done.folder}/nodes/total")

    found = command("record", done.dag_id, done.airflow_run_id, "--store", done.store)
    assert (found["status"], found["nodes"]["total"]["status"]) == ("running", "unfinished")


def test_the_record_of_no_run_is_one_line(command, tmp_path):
    with pytest.raises(SystemExit, match=r"nothing is recorded in .*/airflow/d/r; check the ids"):
        command("record", "d", "r", "--store", str(tmp_path))
