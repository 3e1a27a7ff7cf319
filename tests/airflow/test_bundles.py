"""A folder of pipelines as a DAG bundle: no line of Airflow in its files."""

import pytest

FLOW = """
from dagger_providers import dag, task


@task
def double(x: int) -> int:
    return 2 * x


@dag
def _part(x: int):
    return double(x)


@dag(runtime_options={"airflow": {"schedule": "@daily", "tags": ["flows"]}})
def doubling(xs: list[int] = [1, 2]):
    return [_part(x) for x in xs]


@dag
def once(x: int = 4):
    return double(x)
"""

DOCUMENT = """
format: dagger-providers.dag/1
nodes:
  double: {function: tasks.py:double, inputs: {x: 3}}
outputs:
  return_value: {node: double}
"""


@pytest.fixture
def source(tmp_path):
    folder = tmp_path / "pipelines"
    folder.mkdir()
    (folder / "flow.py").write_text(FLOW)
    (folder / "below").mkdir()
    (folder / "below" / "tasks.py").write_text(FLOW.split("@dag", maxsplit=1)[0])
    (folder / "below" / "by_document.yaml").write_text(DOCUMENT)
    (folder / "notes.json").write_text("{}")
    (folder / "other.py").write_text("raise RuntimeError('this is no pipeline')\n")
    return folder


@pytest.fixture
def bundle(home, source, tmp_path, monkeypatch):
    from dagger_providers.airflow.bundles import PipelineBundle

    monkeypatch.setenv("AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_STORAGE_PATH", str(tmp_path / "bundles"))
    made = PipelineBundle(
        name="pipelines", path=str(source), options={"store": str(tmp_path / "store")}
    )
    made.initialize()
    return made


def test_each_pipeline_of_a_folder_is_a_dag(bundle, parsed):
    found = parsed(bundle.path)

    assert found.import_errors == {}
    assert set(found.dags) == {"doubling", "once", "by-document"}
    assert found.dags["doubling"].tags == {"flows"}
    assert found.dags["once"].fileloc == str(bundle.path / "flow.py")


def test_a_dag_of_a_bundle_runs_the_code_of_its_folder(bundle, parsed):
    from dagger_providers.airflow.testing import run_dag_test

    found = parsed(bundle.path).dags
    done = run_dag_test(found["doubling"], {"xs": [5, 6]})
    assert done.reason == ""
    assert "part.double[1]" in {task.execution for task in done.tasks if task.state == "success"}

    done = run_dag_test(found["by-document"])
    assert (done.reason, [task.execution for task in done.tasks]) == ("", ["double"])


def test_files_that_come_and_go_are_followed(bundle, source):
    (source / "flow.py").rename(source / "renamed.py")
    bundle.refresh()
    names = sorted(str(file.relative_to(bundle.path)) for file in bundle.path.rglob("*.py"))
    assert names == ["below/by_document.yaml.py", "below/tasks.py", "renamed.py"]

    written = (bundle.path / "renamed.py").stat().st_mtime_ns
    bundle.refresh()
    assert (bundle.path / "renamed.py").stat().st_mtime_ns == written


def test_a_file_that_cannot_be_imported_is_an_import_error_of_its_own(bundle, source, parsed):
    (source / "broken.py").write_text("from dagger_providers import nothing\n")
    bundle.refresh()
    found = parsed(bundle.path)

    [(place, told)] = found.import_errors.items()
    assert place.endswith("broken.py")
    assert "cannot import name 'nothing'" in told
    assert set(found.dags) == {"doubling", "once", "by-document"}
