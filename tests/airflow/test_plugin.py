"""The plugin in Airflow's own web application: who may see what, and what is shown."""

import json
import os
import shlex
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from html import unescape
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
def asked(web, signed_in):
    """Ask a route, as somebody who may see everything."""

    def asked(path, status=200, **query):
        answer = web.get(path, headers=signed_in, params=query)
        assert answer.status_code == status, answer.text
        return answer.json()

    return asked


@pytest.fixture
def shown(run, monkeypatch, web, asked, signed_in):
    """Run a pipeline, and ask for the record of one of its task instances."""

    class Shown:
        def __init__(self, name, **given):
            self.done = run(name, **given)
            monkeypatch.setenv("AIRFLOW__DAGGER_PROVIDERS__STORE_URI", self.done.run.store)

        def place(self, task_id, map_index=-1):
            return f"{self.done.run.dag_id}/{self.done.run.airflow_run_id}/{task_id}/{map_index}"

        def record(self, task_id, map_index=-1):
            return self.ask("records", f"{task_id}/{map_index}")

        def ask(self, what, rest="", **query):
            of_run = f"{self.done.run.dag_id}/{self.done.run.airflow_run_id}"
            return asked(f"/dagger/{what}/{of_run}{rest and '/'}{rest}", **query)

        def page(self, task_id, map_index=-1):
            return web.get(f"/dagger/view/{self.place(task_id, map_index)}", headers=signed_in)

    return Shown


def routes():
    """Every route of the plugin, with something for each of its parameters."""
    from dagger_providers.airflow.plugin.app import make_app

    found = list(make_app("/dagger").openapi()["paths"])
    assert len(found) > 10
    given = {"dag_id": "some-dag", "name": "page.js", "map_index": "-1"}
    given |= dict.fromkeys(("run_id", "task_id", "address", "output", "left", "right"), "x")
    return {path: f"/dagger{path.format(**given)}" for path in found}


def test_every_route_asks_who_is_there(home, web):
    answers = {path: web.get(url).status_code for path, url in routes().items()}

    assert answers == dict.fromkeys(answers, 401)
    assert web.get("/dagger/openapi.json").status_code == 404


@pytest.mark.parametrize("denied", ["XCOM", "RUN", "TASK_INSTANCE"])
def test_every_route_of_a_dag_asks_for_the_right_to_read_it(
    home, web, signed_in, monkeypatch, denied
):
    from airflow.api_fastapi.app import get_auth_manager

    def may(*, method, user, access_entity=None, details=None):
        assert method == "GET"
        return not (details.id == "some-dag" and access_entity.name == denied)

    monkeypatch.setattr(get_auth_manager(), "is_authorized_dag", may)
    answers = {p: web.get(url, headers=signed_in).status_code for p, url in routes().items()}

    assert answers.pop("/static/{name}") == 200
    assert answers == dict.fromkeys(answers, 403)
    assert web.get("/dagger/graphs/other-dag", headers=signed_in).status_code == 404


def test_only_files_of_the_front_end_are_served(web, signed_in):
    for name in ("..%2Fpage.py", "%2Fetc%2Fpasswd", "page.py", "."):
        assert web.get(f"/dagger/static/{name}", headers=signed_in).status_code == 404
    assert web.get("/dagger/static/style.css", headers=signed_in).status_code == 200


def test_a_record_is_the_commit_record(shown):
    asked = shown("mapped", n=2)
    record = asked.record("double", 1)
    folder = Path(asked.done.run.folder)
    commit = json.loads((folder / "nodes/double/1/commit.json").read_text())
    written = commit["outputs"]["return_value"]

    assert {name: record[name] for name in ("node", "index", "attempt", "extra", "problem")} == {
        "node": "double",
        "index": "1",
        "attempt": commit["attempt"],
        "extra": commit["extra"],
        "problem": "",
    }
    assert record["location"] == str(folder / "nodes/double/1")
    assert record["failure"] == ""
    assert record["outputs"] == [
        {
            "name": "return_value",
            "location": str(folder / written["uri"]),
            "sha256": written["sha256"],
            "size": written["size"],
            "serializer": "json",
            "kind": "value",
            "parts": None,
        }
    ]


def test_a_record_says_what_was_read_and_by_whom(shown):
    asked = shown("steps", values=[3, 4])
    record = asked.record("fit", 1)
    folder = Path(asked.done.run.folder)
    read = json.loads((folder / "nodes/double/1/commit.json").read_text())["outputs"]
    by_name = {one["name"]: one for one in record["inputs"]}

    assert by_name["x"]["from"] == "double"
    source = {"address": "double", "index": "1", "output": "return_value"}
    assert by_name["x"]["sources"] == [source]
    assert by_name["x"]["sha256"] == read["return_value"]["sha256"]
    assert by_name["name"]["from"] == "parameter name"
    reader = {"address": "names", "index": "", "input": "models", "gathers": True}
    assert record["readers"] == [reader]
    assert record["task"]["state"] == "success"
    assert [one["state"] for one in record["attempts"]] == ["committed"]


def test_a_gathered_input_names_its_items(shown):
    record = shown("mapped", n=3).record("total")
    (values,) = record["inputs"]

    assert [source["index"] for source in values["sources"]] == ["0", "1", "2"]
    assert values["count"] == 3
    assert record["readers"] == [
        {"address": "", "index": None, "input": "return_value", "gathers": False}
    ]


def test_the_command_of_a_record_runs_its_node_again(shown):
    asked = shown("steps", values=[3, 4])
    before = asked.record("fit", 1)
    again = asked.ask("executions", "fit", index="1")
    words = shlex.split(before["rerun"])
    assert words[:2] == ["PYTHONHASHSEED=0", "dagger-providers"]
    command = [sys.executable, "-m", "dagger_providers", *words[2:]]
    subprocess.run(command, check=True, env={**os.environ, "PYTHONHASHSEED": "0"})
    after = asked.record("fit", 1)

    assert again["outputs"] == before["outputs"]
    assert len(after["attempts"]) == 2
    assert after["attempt"] != before["attempt"]
    assert after["outputs"][0]["sha256"] == before["outputs"][0]["sha256"]


def test_parameters_are_shown_as_tasks_read_them(shown):
    asked = shown("rates", rate=3)
    record = asked.record("written")
    words = shlex.split(record["rerun"])

    assert words[words.index("rate") + 1] == "3.0"
    assert record["rerun"].split()[3] == f"{Path(__file__).parent}/airflow_flows.py:rates"
    local = asked.done.resolver.identity(asked.done.plan.steps["written"].card.inputs["rate"], {})
    (rate,) = [one for one in record["inputs"] if one["name"] == "rate"]
    assert rate["sha256"] == local


@pytest.fixture
def rate(shown):
    """The rate in the command that runs a node again, once the run's record is changed."""

    def rate(dag_id, change=None, **record):
        asked = shown("rates", options={"dag_id": dag_id}, rate=3)
        file = Path(asked.done.run.folder) / "run.json"
        kept = json.loads(file.read_text())
        file.write_text(json.dumps({**kept, "parameters": {"rate": 7.0}, **record}))
        if change is not None:
            change(asked.done.run)
        words = shlex.split(asked.record("written")["rerun"])
        return words[words.index("rate") + 1]

    return rate


@pytest.mark.parametrize(("hours", "shown_rate"), [(0, "7.0"), (1, "3")])
def test_the_record_of_an_earlier_run_of_the_same_id_is_not_taken(rate, hours, shown_rate):
    started = (datetime.now(UTC) - timedelta(hours=hours)).isoformat(timespec="milliseconds")

    assert rate(f"rates-again-{hours}", started=started) == shown_rate


def test_the_record_of_a_run_that_was_cleared_since_is_taken(rate):
    assert rate("rates-cleared", change=_cleared) == "7.0"


def _cleared(run):
    """Let a run's tasks have been cleared, and have begun again an hour later."""
    from airflow.models.dagrun import DagRun
    from airflow.models.taskinstance import TaskInstance
    from airflow.models.taskinstancehistory import TaskInstanceHistory
    from airflow.utils.session import create_session

    later = datetime.now(UTC) + timedelta(hours=1)
    with create_session() as session:
        for model in (TaskInstance, DagRun):
            for row in session.query(model).filter(model.run_id == run.airflow_run_id):
                if model is TaskInstance:
                    TaskInstanceHistory.record_ti(row, session=session)
                row.start_date = later


@pytest.mark.parametrize(
    "damaged",
    [
        {"parameters": ["rate"], "code_root": 7},
        {"started": None},
        {"started": "yesterday"},
        {"started": "2100-01-01T00:00:00"},
    ],
    ids=["types", "no-time", "no-date", "no-zone"],
)
def test_a_damaged_run_record_is_left_out(rate, damaged):
    assert rate("rates-damaged", **damaged) == "3"


def test_a_command_with_a_card_runs_where_the_pipeline_has_no_function(shown):
    record = shown("hooked", numbers=[1]).record("on_exit")
    words = shlex.split(record["rerun"])

    assert words[3] == "--card"
    subprocess.run([sys.executable, "-m", "dagger_providers", *words[2:]], check=True)


def test_an_unknown_node_or_run_is_one_line(shown, asked):
    done = shown("chain")

    assert done.ask("executions", "no-such-node", status=404)["detail"] == (
        "the pipeline of this run has no node 'no-such-node'"
    )
    assert done.ask("executions", "double-1", index="1.x", status=422)
    assert asked("/dagger/states/chain/no-such-run", status=404)["detail"] == (
        "DAG 'chain' has no run 'no-such-run'"
    )
    assert "keeps no version" in asked("/dagger/graphs/no-such-dag", status=404)["detail"]


def test_states_and_items(shown):
    asked = shown("table", rows=2, columns=3)
    told = asked.ask("states")
    page = asked.ask("items", "add")

    assert told["tasks"]["add"] == {"success": 6}
    assert told["run"]["state"] == "success"
    assert not told["run"]["is_live"]
    assert page["total"] == 6
    assert [one["index"] for one in page["items"]] == ["0.0", "0.1", "0.2", "1.0", "1.1", "1.2"]
    assert asked.ask("items", "add", state="failed")["items"] == []
    assert len(asked.ask("items", "add", offset=4)["items"]) == 2


def test_the_page_of_a_run_says_where_its_record_lies(shown):
    record = Path(shown("chain", options={"dag_id": "chain-recorded"}).ask("graphs")["record"])

    assert json.loads(record.read_text())["engine"]["dag_id"] == "chain-recorded"


def test_the_graph_of_a_run_is_that_of_its_version(shown, asked):
    first = shown("chain", options={"dag_id": "changing"})
    second = shown("mapped_nested", options={"dag_id": "changing"}, n=1)
    names = [{node["address"] for node in one.ask("graphs")["nodes"]} for one in (first, second)]

    assert names[0] == {"", "double-1", "double-2"}
    assert "inner-loop.total" in names[1]
    assert first.ask("graphs")["version"] < second.ask("graphs")["version"]
    newest = asked("/dagger/graphs/changing")
    assert newest["nodes"] == second.ask("graphs")["nodes"]
    assert {frame["kind"] for frame in newest["frames"]} == {"loop", "pipeline"}


def test_a_chunk_shows_the_items_that_it_ran(shown, monkeypatch):
    monkeypatch.setenv("AIRFLOW__CORE__MAX_MAP_LENGTH", "2")
    record = shown("mapped", n=5).record("double", 1)

    assert record["index"] == "2:5"
    assert [(one["index"], one["state"]) for one in record["inside"]] == [
        (index, "success") for index in "234"
    ]


def test_previews_of_outputs(shown):
    asked = shown("mapped_stream", n=3)
    whole = asked.ask("previews", "stream/return_value")
    part = asked.ask("previews", "stream/return_value", part=2)

    assert (whole["kind"], whole["count"]) == ("parts", 3)
    assert (part["kind"], part["text"]) == ("json", "2")
    missing = asked.ask("previews", "stream/nothing", status=404)
    assert missing["detail"] == "stream has committed no output 'nothing'"
    assert "there is none at 3" in asked.ask(
        "previews", "stream/return_value", part=3, status=422
    )["detail"]  # fmt: skip


def test_two_runs_beside_each_other(shown, asked):
    runs = [shown("steps", options={"dag_id": "twice"}, values=v) for v in ([1, 2], [1, 5])]
    ids = [one.done.run.airflow_run_id for one in runs]
    told = asked(f"/dagger/comparisons/twice/{ids[0]}/{ids[1]}")
    nodes = {one["address"]: one for one in told["nodes"]}
    listed = asked("/dagger/runs/twice")["runs"]

    verdicts = {one["name"]: one["verdict"] for one in told["parameters"]}
    assert verdicts == {"values": "different", "name": "equal"}
    assert (nodes["fit"]["compared"], nodes["fit"]["different"]) == (2, ["1"])
    assert nodes["names"]["verdict"] == "equal"  # the names are
    assert [one["verdict"] for one in told["outputs"]] == ["equal"]
    assert [one["run_id"] for one in listed[:2]] == ids[::-1]
    same = asked(f"/dagger/comparisons/twice/{ids[0]}/{ids[0]}")
    assert {one["verdict"] for one in same["nodes"]} == {"equal"}


def test_a_task_links_to_its_tab(shown):
    from airflow.models.xcom import XComModel
    from airflow.utils.session import create_session

    run = shown("mapped", n=2).done.run
    found = XComModel.get_many(run_id=run.airflow_run_id, dag_ids="mapped", task_ids="double")
    with create_session() as session:
        links = {x.map_index: x.value for x in session.scalars(found) if "NodeLink" in x.key}

    run_id = run.airflow_run_id.replace(":", "%3A").replace("+", "%2B")
    tab = f"/dags/mapped/runs/{run_id}/tasks/double/mapped/1/plugin/dagger"
    assert links[1] == tab


def test_a_partitioned_output_says_how_many_parts(shown):
    (output,) = shown("mapped_stream", n=3).record("stream")["outputs"]

    assert (output["kind"], output["parts"]) == ("partitioned", 3)


def test_a_failure_is_shown(shown, tmp_path):
    asked = shown("failing", log=str(tmp_path / "tries"), n=2)
    record = asked.record("always-fails", 1)

    assert record["attempt"] == ""
    assert record["failure"] == "ValueError: no 1 please"
    assert [one["state"] for one in record["attempts"]] == ["failed"]


def test_a_task_that_is_no_node_says_so(shown):
    assert shown("chain").record("no-such-task")["problem"].startswith("This task has not told")


def test_a_page_runs_no_script_but_the_plugin_s(shown):
    page = shown("mapped", n=1).page("double", 0)
    policy = page.headers["content-security-policy"]

    assert page.headers["content-type"].startswith("text/html")
    assert policy.startswith("default-src 'none'; script-src 'self'; connect-src 'self'")
    assert page.text.count("<script") == 1
    assert '<script type="module" src="/dagger/static/page.js">' in page.text


def test_texts_of_a_page_are_escaped(home):
    from dagger_providers.airflow.plugin.page import page

    evil = "\"><script>alert('x')</script>"
    text = page("graph", "/dagger", dag=evil)

    assert text.count("<script") == 1
    assert f'data-dag="{evil}"' in unescape(text)


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
    from dagger_providers.airflow.plugin.stores import folder_of

    monkeypatch.setenv("AIRFLOW__DAGGER_PROVIDERS__STORE_URI", str(tmp_path))
    given = pointer.format(store=tmp_path) if isinstance(pointer, str) else pointer

    assert folder_of("d", "r", "t", given) is None
    found, index = folder_of("d", "r", "t", f"{tmp_path}/runs/airflow/d/r/nodes/t/0.2")
    assert (found.uri, index) == (f"{tmp_path}/runs/airflow/d/r", "0.2")


def test_a_store_that_is_not_named_is_not_read(shown, monkeypatch):
    asked = shown("chain")
    monkeypatch.setenv("AIRFLOW__DAGGER_PROVIDERS__STORE_URI", "")
    assert "none of the stores" in asked.record("double-1")["problem"]

    monkeypatch.setenv("AIRFLOW__DAGGER_PROVIDERS__UI_STORES", asked.done.run.store)
    assert asked.record("double-1")["problem"] == ""


def test_a_broken_connection_of_ui_stores_is_looked_up_once_and_told_nobody(
    shown, monkeypatch, caplog
):
    asked = shown("table", rows=2, columns=2)
    monkeypatch.setenv("AIRFLOW__DAGGER_PROVIDERS__STORE_URI", "")
    monkeypatch.setenv("AIRFLOW__DAGGER_PROVIDERS__UI_STORES", "of_others")

    assert "none of the stores" in asked.record("add", 0)["problem"]
    assert asked.ask("graphs")["record"] is None
    caplog.clear()
    assert [one["index"] for one in asked.ask("items", "add")["items"]] == [None] * 4
    assert caplog.text.count("no connection 'of_others'") == 1


def test_a_damaged_record_is_one_line(shown):
    asked = shown("chain")
    (Path(asked.done.run.folder) / "nodes/double-1/commit.json").write_text("{")

    assert "is no JSON document" in asked.record("double-1")["problem"]


def test_where_the_tabs_are_offered(home):
    from dagger_providers.airflow.plugin import DaggerPlugin

    views = {one["destination"]: one["href"] for one in DaggerPlugin.external_views}

    assert views == {
        "dag": "/dagger/view/{DAG_ID}",
        "dag_run": "/dagger/view/{DAG_ID}/{RUN_ID}",
        "task_instance": "/dagger/view/{DAG_ID}/{RUN_ID}/{TASK_ID}/{MAP_INDEX}",
    }
    (app,) = DaggerPlugin.react_apps
    assert (app["destination"], app["bundle_url"]) == ("dag", "/dagger/static/compare_app.js")


def test_loading_the_plugin_starts_no_web_application(home, tmp_path):
    code = "import sys, dagger_providers.airflow.plugin; print('fastapi' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "AIRFLOW_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.splitlines()[-1] == "False"


def test_the_web_application_needs_no_data_frames(home, tmp_path):
    code = (
        "import sys; from dagger_providers.airflow.plugin.app import make_app; make_app('/d'); "
        "print(sorted({'pandas', 'pyarrow', 'polars', 'numpy', 'kubernetes'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "AIRFLOW_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.splitlines()[-1] == "[]"


def test_the_drop_in_file_does_nothing_beside_an_installed_package(home, tmp_path):
    try:
        from airflow._shared.plugins_manager.plugins_manager import is_valid_plugin
    except ImportError:  # Airflow 3.1
        from airflow.plugins_manager import is_valid_plugin

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
