"""The commands ``airflow dagger ...``, parsed as `airflow` parses them."""

import json

import pytest


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
    with pytest.raises(SystemExit, match=r"nothing of task fit is recorded in .*/airflow/d/r$"):
        command("results", "d", "r", "fit", "--store", str(tmp_path))
