"""A pipeline file in a dags folder, as a user drops it there."""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from dagger_providers.storage import identity_of_list

FLOW = """
from dataclasses import dataclass

from helper_of_flow import scaled

from dagger_providers import dag, task


@dataclass
class Model:
    name: str
    score: float


@task
def fit(name: str, factor: int) -> Model:
    return Model(name, scaled(factor))


@task(serializer="pickle")
def bundle(models: list[Model]) -> object:
    return {"models": models, "kind": Model}


@task
def best(bundled: object) -> str:
    assert bundled["kind"] is Model
    return max(bundled["models"], key=lambda model: model.score).name


@dag
def flow_of_file(names: list[str] = ["a", "b"], factor: int = 3):
    models = [fit(name, factor) for name in names]
    bundled = bundle(models)
    return {"best": best(bundled), "models": models, "bundled": bundled}
"""

LINES = """
from dagger_providers.airflow import to_airflow
flow_dag = to_airflow(flow_of_file)
"""

HELPER = """
def scaled(x):
    return x / 2
"""


@pytest.fixture
def dags(tmp_path):
    folder = tmp_path / "dags"
    folder.mkdir()
    (folder / "flow_of_file.py").write_text(FLOW + LINES)
    (folder / "helper_of_flow.py").write_text(HELPER)
    return folder


def airflow(arguments, dags, home, **environment):
    """Run the `airflow` command in a home of its own."""
    return subprocess.run(
        [sys.executable, "-m", "airflow", *arguments],
        cwd=home,
        env={
            **os.environ,
            "AIRFLOW_HOME": str(home),
            "AIRFLOW__CORE__DAGS_FOLDER": str(dags),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home}/airflow.db",
            "AIRFLOW__LOGGING__LOGGING_LEVEL": "WARNING",
            **environment,
        },
        capture_output=True,
        text=True,
        check=False,
    )


def test_airflow_finds_the_pipeline_of_a_file(dags, parsed):
    bag = parsed(dags)

    assert bag.import_errors == {}
    assert list(bag.dags) == ["flow-of-file"]
    found = bag.dags["flow-of-file"]
    assert found.fileloc == str(dags / "flow_of_file.py")
    node = found.task_dict["best"].node
    assert node.code_root == str(dags)
    assert json.loads(node.card)["function"] == "flow_of_file.py:best"


def test_the_same_file_runs_without_airflow(dags):
    code = (
        "import sys, flow_of_file as f\n"
        "print(f.flow_of_file(['x'], 4)['best'], 'airflow' in sys.modules)"
    )
    (dags / "flow_of_file.py").write_text(FLOW)
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=dags, capture_output=True, text=True, check=True
    )

    assert done.stdout == "x False\n"


def test_a_node_of_the_file_needs_no_airflow(dags):
    (dags / "flow_of_file.py").write_text(f"{FLOW}{LINES}flow_dag.doc_md = 'A flow.'\n")
    code = (
        "import sys\n"
        "sys.modules['airflow'] = None\n"
        "from dagger_providers.card.functions import load\n"
        "print(load('flow_of_file.py:fit', '.')('x', 4).score)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=dags, capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == ("2.0\n", "")


@pytest.mark.slow
def test_dags_test_writes_the_bytes_of_a_local_run(dags, tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    migrated = airflow(["db", "migrate"], dags, home)
    assert migrated.returncode == 0, migrated.stderr

    done = airflow(["dags", "test", "flow-of-file"], dags, home)
    assert done.returncode == 0, done.stdout + done.stderr
    (run,) = (home / "dagger" / "runs" / "airflow" / "flow-of-file").iterdir()

    local = subprocess.run(
        [sys.executable, "-m", "dagger_providers", "run", str(dags / "flow_of_file.py"), "--json"],
        env={**os.environ, "DAGGER_STORE": str(tmp_path / "local"), "PYTHONPATH": str(dags)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert local.returncode == 0, local.stderr
    outputs = json.loads(local.stdout)["outputs"]

    assert {name: one["sha256"] for name, one in outputs.items()} == _recorded(run)


@pytest.fixture
def compiled(dags, tmp_path):
    """A dags folder that holds a compiled pipeline, and none of its code."""
    folder = tmp_path / "compiled"
    folder.mkdir()
    (dags / "flow_of_file.py").write_text(FLOW)
    _compile(folder, dags)
    return folder


def _compile(folder, dags, *more):
    command = [sys.executable, "-m", "dagger_providers", "compile", "flow_of_file.py"]
    command += ["--to", "airflow", "-o", str(folder / "f.py"), "--store", str(folder / "store")]
    command += more
    return subprocess.run(command, cwd=dags, capture_output=True, text=True, check=True).stdout


def test_a_compiled_file_is_small_and_the_same_each_time(compiled, dags):
    files = sorted(compiled.iterdir())
    written = [file.read_bytes() for file in files]
    assert [file.name for file in files] == ["f.json", "f.py"]
    assert len(written[1]) < 1000

    said = _compile(compiled, dags)
    assert [line.rpartition("/")[2] for line in said.splitlines()] == ["f.py", "f.json"]
    assert [file.read_bytes() for file in files] == written


def test_a_compiled_file_is_read_without_the_pipelines_code(compiled, parsed, monkeypatch):
    monkeypatch.delitem(sys.modules, "helper_of_flow", raising=False)
    bag = parsed(compiled)
    assert bag.import_errors == {}
    assert set(bag.dags["flow-of-file"].task_dict) >= {"fit", "bundle", "best"}
    assert "helper_of_flow" not in sys.modules


def test_a_compiled_file_names_its_dag_and_its_connection(compiled, dags, parsed):
    _compile(compiled, dags, "--dag-id", "flow-of-team-b", "--store-conn-id", "team_b")
    found = parsed(compiled).dags

    assert list(found) == ["flow-of-team-b"]
    assert found["flow-of-team-b"].task_dict["best"].store_conn_id == "team_b"


def test_pods_of_a_compiled_file_reach_the_store_of_its_connection(home, tmp_path, flows, parsed):
    from dagger_providers.airflow import dag_file
    from dagger_providers.errors import CapabilityError

    pods = {"launcher": "kubernetes", "image": "flows:1"}
    with pytest.raises(CapabilityError, match="no store is named"):
        dag_file(flows.mapped, tmp_path / "f.py", **pods)
    dag_file(flows.mapped, tmp_path / "f.py", store_conn_id="team_b", **pods)

    assert parsed(tmp_path).dags["mapped"].task_dict["total"].store_conn_id == "team_b"


def test_an_id_that_airflow_does_not_take_is_refused(flows, tmp_path):
    from dagger_providers.airflow import dag_file
    from dagger_providers.errors import CapabilityError

    with pytest.raises(CapabilityError, match="'a b' is no id of a DAG"):
        dag_file(flows.mapped, tmp_path / "f.py", dag_id="a b")


def test_a_compiled_pipeline_is_started_by_assets(compiled, dags, parsed):
    scheduled = '@dag(runtime_options={"airflow": {"schedule": {"any": ["s3://lake/a", "s3://lake/b"]}}})\ndef'
    (dags / "flow_of_file.py").write_text(FLOW.replace("@dag\ndef", scheduled))
    _compile(compiled, dags)
    found = parsed(compiled).dags["flow-of-file"].timetable.asset_condition

    assert type(found).__name__ == "AssetAny"
    assert [asset.uri for asset in found.objects] == ["s3://lake/a", "s3://lake/b"]


def test_a_compiled_file_runs_the_pipeline(compiled, home):
    from dagger_providers.airflow.testing import run_dag_test
    from dagger_providers.card.functions import load_file

    dag = load_file("f.py", str(compiled)).dag
    done = run_dag_test(dag, {"names": ["x", "yy"]})
    assert done.reason == ""
    assert set(_recorded(Path(done.folder))) == {"best", "models", "bundled"}


def _recorded(run):
    """The identities of the outputs in a run's folder."""

    def sha256(node):
        commit = json.loads((run / "nodes" / node / "commit.json").read_text())
        return commit["outputs"]["return_value"]["sha256"]

    return {
        "best": sha256("best"),
        "models": identity_of_list(sha256(f"fit/{index}") for index in (0, 1)),
        "bundled": sha256("bundle"),
    }


WITH_ITS_DAG = """
from dagger_providers import dag, task
from dagger_providers.airflow import to_airflow


@task
def one() -> int:
    return 1


@dag
def pipeline_with_its_dag():
    return one()


made = to_airflow(pipeline_with_its_dag)
"""


def test_a_file_with_its_dag_runs_where_a_worker_hides_the_database(home, tmp_path, monkeypatch):
    from types import SimpleNamespace
    from unittest.mock import MagicMock

    from airflow.sdk.definitions.param import ParamsDict

    from dagger_providers.card.functions import load_file

    (tmp_path / "with_its_dag.py").write_text(WITH_ITS_DAG)
    operator = load_file("with_its_dag.py", str(tmp_path)).made.get_task("one")
    operator.store = str(tmp_path / "store")
    context = {
        "dag": SimpleNamespace(params=ParamsDict()),
        "dag_run": SimpleNamespace(dag_id="d", run_id="r", conf={}),
        "params": {},
        "ti": MagicMock(),
    }
    # As Airflow's supervisor sets it for the processes of tasks.
    monkeypatch.setenv("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", "airflow-db-not-allowed:///")
    operator.execute(context)

    assert (tmp_path / "store/runs/airflow/d/r/nodes/one/commit.json").exists()


@pytest.fixture
def serialized_hash(parsed):
    """What Airflow tells versions of a folder's DAGs by."""
    from airflow.models.serialized_dag import SerializedDagModel

    def serialized_hash(folder, serialization):
        bag = parsed(folder)
        assert bag.import_errors == {}
        (dag,) = bag.dags.values()
        return SerializedDagModel.hash(serialization.to_dict(dag))

    return serialized_hash


def relinked(dags, tmp_path):
    """A folder that is a link, as git-sync makes it: first to one checkout, then to the next."""
    link = tmp_path / "repository"
    for commit in ("6d0c1f", "a91b42"):
        checkout = tmp_path / "worktrees" / commit / "dags"
        shutil.copytree(dags, checkout)
        link.unlink(missing_ok=True)
        link.symlink_to(checkout)
        yield link


def test_a_new_checkout_of_the_same_files_is_no_new_version(
    dags, tmp_path, serialization, serialized_hash
):
    hashes = [serialized_hash(link, serialization) for link in relinked(dags, tmp_path)]

    assert hashes[0] == hashes[1]


def test_tasks_run_the_code_of_the_checkout_that_is_there(dags, tmp_path, parsed):
    roots = []
    for link in relinked(dags, tmp_path):
        (dag,) = parsed(link).dags.values()
        roots.append(dag.task_dict["best"].node.code_root)

    assert roots == [str(tmp_path / "worktrees" / one / "dags") for one in ("6d0c1f", "a91b42")]


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (LINES, "flow_of_file.py is in a zip, "),
        ("from dagger_providers.airflow import as_taskflow\nas_taskflow(fit)\n", "is in a zip, "),
    ],
)
def test_a_zipped_file_is_refused_when_it_is_parsed(tmp_path, parsed, lines, said):
    folder = tmp_path / "zipped"
    folder.mkdir()
    with zipfile.ZipFile(folder / "flows.zip", "w") as archive:
        archive.writestr("flow_of_file.py", FLOW + lines)
        archive.writestr("helper_of_flow.py", HELPER)
    bag = parsed(folder)

    (error,) = bag.import_errors.values()
    assert said in error
    assert "flows.zip, which the process of a task does not read; unpack it" in error
    assert bag.dags == {}


def test_a_zipped_file_may_make_a_dag_of_a_pipeline_that_lies_elsewhere(
    dags, tmp_path, parsed, monkeypatch
):
    folder = tmp_path / "zipped"
    folder.mkdir()
    (dags / "flow_of_file.py").rename(dags / "flow_outside.py")
    monkeypatch.syspath_prepend(str(dags))
    with zipfile.ZipFile(folder / "flows.zip", "w") as archive:
        archive.writestr("only_a_dag.py", f"from flow_outside import flow_of_file\n{LINES}")
    bag = parsed(folder)

    assert bag.import_errors == {}
    assert list(bag.dags) == ["flow-of-file"]
