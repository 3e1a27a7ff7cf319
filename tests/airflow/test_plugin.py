"""The plugin in Airflow's own web application: who may see what, and what is shown."""

import json
import shutil
from pathlib import Path

import pytest

DROP_IN = Path(__file__).parents[2] / "airflow_plugin" / "dagger_plugin.py"


@pytest.fixture(scope="session")
def web(home):
    """Airflow's API server, without a server."""
    from airflow.api_fastapi.app import create_app
    from fastapi.testclient import TestClient

    with TestClient(create_app(apps="core"), raise_server_exceptions=True) as client:
        yield client


@pytest.fixture(scope="session")
def signed_in(web):
    """Headers of somebody who may see everything."""
    from airflow.api_fastapi.app import get_auth_manager
    from airflow.api_fastapi.auth.managers.simple.user import SimpleAuthManagerUser

    user = SimpleAuthManagerUser(username="ada", role="admin")
    return {"Authorization": f"Bearer {get_auth_manager().generate_jwt(user)}"}


@pytest.fixture
def shown(run, monkeypatch, web, signed_in):
    """Run a pipeline, and ask for the record of one of its task instances."""

    class Shown:
        def __init__(self, name, **given):
            self.done = run(name, **given)
            monkeypatch.setenv("AIRFLOW__DAGGER_PROVIDERS__STORE_URI", self.done.run.store)

        def place(self, task_id, map_index=-1):
            return f"{self.done.run.dag_id}/{self.done.run.airflow_run_id}/{task_id}/{map_index}"

        def record(self, task_id, map_index=-1):
            answer = web.get(f"/dagger/records/{self.place(task_id, map_index)}", headers=signed_in)
            assert answer.status_code == 200, answer.text
            return answer.json()

        def page(self, task_id, map_index=-1):
            return web.get(f"/dagger/view/{self.place(task_id, map_index)}", headers=signed_in)

    return Shown


def test_nobody_sees_a_record_without_signing_in(shown, web):
    place = shown("chain").place("double-1")

    assert web.get(f"/dagger/records/{place}").status_code == 401
    assert web.get(f"/dagger/view/{place}").status_code == 401
    assert web.get("/dagger/openapi.json").status_code == 404


def test_a_record_is_the_commit_record(shown):
    asked = shown("mapped", n=2)
    record = asked.record("double", 1)
    folder = Path(asked.done.run.folder)
    commit = json.loads((folder / "nodes/double/1/commit.json").read_text())
    written = commit["outputs"]["return_value"]

    assert record == {
        "node": "double",
        "index": "1",
        "location": str(folder / "nodes/double/1"),
        "attempt": commit["attempt"],
        "outputs": [
            {
                "name": "return_value",
                "location": str(folder / written["uri"]),
                "sha256": written["sha256"],
                "size": written["size"],
                "serializer": "json",
                "kind": "value",
                "parts": None,
            }
        ],
        "extra": commit["extra"],
        "failure": "",
        "problem": "",
    }


def test_a_partitioned_output_says_how_many_parts(shown):
    (output,) = shown("mapped_stream", n=3).record("stream")["outputs"]

    assert (output["kind"], output["parts"]) == ("partitioned", 3)


def test_a_failure_is_shown(shown, tmp_path):
    asked = shown("failing", log=str(tmp_path / "tries"), n=2)
    record = asked.record("always-fails", 1)

    assert record["attempt"] == ""
    assert record["failure"] == "ValueError: no 1 please"
    assert "ValueError: no 1 please" in asked.page("always-fails", 1).text


def test_a_task_that_is_no_node_says_so(shown):
    assert shown("chain").record("no-such-task")["problem"].startswith("This task has not told")


def test_the_page_shows_the_outputs_and_runs_no_script(shown):
    page = shown("mapped", n=1).page("double", 0)

    assert page.headers["content-type"].startswith("text/html")
    assert page.headers["content-security-policy"].startswith("default-src 'none'")
    for text in ("double[0]", "return_value", "json", "sha256"):
        assert text in page.text


def test_texts_of_the_store_are_escaped(home):
    from dagger_providers.airflow.plugin.page import page
    from dagger_providers.airflow.plugin.records import NodeRecord, OutputRow

    evil = "<script>alert('x')</script>\""
    row = OutputRow(evil, evil, evil, 1, evil, "value", None)
    text = page(NodeRecord(evil, "", evil, evil, [row], {evil: evil}, evil, evil))

    assert "<script" not in text


@pytest.mark.parametrize(
    "pointer",
    [
        "/etc/passwd",
        "{store}/runs/airflow/other/r/nodes/t",
        "{store}/runs/airflow/d/r/nodes/t/../../../secret",
        "{store}/runs/airflow/d/r/nodes/other",
        "{store}/runs/airflow/d/r/nodes/t/0.x",
        {"uri": "s3://x"},
        None,
    ],
)
def test_a_pointer_leads_only_to_its_own_node(home, tmp_path, monkeypatch, pointer):
    from dagger_providers.airflow.plugin.records import TaskInstance, record_of

    monkeypatch.setenv("AIRFLOW__DAGGER_PROVIDERS__STORE_URI", str(tmp_path))
    given = pointer.format(store=tmp_path) if isinstance(pointer, str) else pointer
    record = record_of(TaskInstance("d", "r", "t"), given)

    assert record.problem
    assert record.location == ""


def test_a_store_that_is_not_named_is_not_read(shown, monkeypatch):
    asked = shown("chain")
    monkeypatch.setenv("AIRFLOW__DAGGER_PROVIDERS__STORE_URI", "")
    assert "none of the stores" in asked.record("double-1")["problem"]

    monkeypatch.setenv("AIRFLOW__DAGGER_PROVIDERS__UI_STORES", asked.done.run.store)
    assert asked.record("double-1")["problem"] == ""


def test_a_damaged_record_is_one_line(shown):
    asked = shown("chain")
    (Path(asked.done.run.folder) / "nodes/double-1/commit.json").write_text("{")

    assert "is no JSON document" in asked.record("double-1")["problem"]


def test_the_tab_is_offered_for_task_instances(home):
    from dagger_providers.airflow.plugin import DaggerPlugin

    (view,) = DaggerPlugin.external_views

    assert view["destination"] == "task_instance"
    assert view["href"] == "/dagger/view/{DAG_ID}/{RUN_ID}/{TASK_ID}/{MAP_INDEX}"


def test_loading_the_plugin_starts_no_web_application(home, tmp_path):
    import os
    import subprocess
    import sys

    code = "import sys, dagger_providers.airflow.plugin; print('fastapi' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "AIRFLOW_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.splitlines()[-1] == "False"


def test_the_drop_in_file_does_nothing_beside_an_installed_package(home, tmp_path):
    from airflow._shared.plugins_manager.plugins_manager import is_valid_plugin

    from dagger_providers.card.functions import load_file

    shutil.copy(DROP_IN, tmp_path)
    module = load_file("dagger_plugin.py", str(tmp_path))

    assert [name for name in vars(module) if is_valid_plugin(getattr(module, name))] == []


def test_the_drop_in_file_is_the_plugin_where_nothing_is_installed(home, tmp_path, monkeypatch):
    import importlib.metadata

    from dagger_providers.airflow.plugin import DaggerPlugin
    from dagger_providers.card.functions import load_file

    monkeypatch.setattr(importlib.metadata, "entry_points", lambda **_: ())
    copy = shutil.copy(DROP_IN, tmp_path / "dagger_dropped.py")
    module = load_file(copy.name, str(tmp_path))

    assert module.DaggerPlugin is DaggerPlugin
