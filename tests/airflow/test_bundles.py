"""A folder of pipelines as a DAG bundle: no line of Airflow in its files."""

import pytest

from dagger_providers.errors import UsageError

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
def bundled(home, source, tmp_path, monkeypatch):
    """Make the folder a bundle, with options."""
    from dagger_providers.airflow.bundles import PipelineBundle

    monkeypatch.setenv("AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_STORAGE_PATH", str(tmp_path / "bundles"))

    def bundled(**options):
        made = PipelineBundle(name="pipelines", path=str(source), options=options)
        made.initialize()
        return made

    return bundled


@pytest.fixture
def bundle(bundled, tmp_path):
    return bundled(store=str(tmp_path / "store"))


def test_each_pipeline_of_a_folder_is_a_dag(bundle, parsed):
    found = parsed(bundle.path)

    assert found.import_errors == {}
    assert set(found.dags) == {"doubling", "once", "by-document"}
    assert found.dags["doubling"].tags == {"flows"}
    assert found.dags["once"].fileloc == str(bundle.path / "flow.py.py")


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
    assert names == ["below/by_document.yaml.py", "below/tasks.py.py", "renamed.py.py"]

    written = (bundle.path / "renamed.py.py").stat().st_mtime_ns
    bundle.refresh()
    assert (bundle.path / "renamed.py.py").stat().st_mtime_ns == written


def test_a_file_that_cannot_be_imported_is_an_import_error_of_its_own(bundle, source, parsed):
    (source / "broken.py").write_text("from dagger_providers import nothing\n")
    bundle.refresh()
    found = parsed(bundle.path)

    [(place, told)] = found.import_errors.items()
    assert place.endswith("broken.py.py")
    assert "cannot import name 'nothing'" in told
    assert set(found.dags) == {"doubling", "once", "by-document"}


SHOUTS = """
from dagger_providers import dag, task


@task
def shout(word: str) -> str:
    return word.upper()


@dag
def shouting(word: str = "a"):
    return shout(word)
"""

SHOUTS_TWICE = """
from bundled_shouts import shout

from dagger_providers import dag


@dag
def shouting_twice(word: str = "a"):
    return shout(shout(word))
"""


def test_a_file_imports_from_another_one_of_the_folder(bundle, source, parsed, monkeypatch):
    from dagger_providers.airflow.testing import run_dag_test

    (source / "bundled_shouts.py").write_text(SHOUTS)
    # Read before the file that it imports from, when its folder is on no path yet but the bundle's.
    (source / "after.py").write_text(SHOUTS_TWICE)
    bundle.refresh()
    found = parsed(bundle.path)

    assert found.import_errors == {}
    assert {"shouting", "shouting-twice"} <= set(found.dags)
    done = run_dag_test(found.dags["shouting-twice"])
    assert (done.reason, len(done.tasks)) == ("", 2)


def test_a_file_imports_from_the_top_of_the_folder(bundle, source, parsed):
    from dagger_providers.airflow.testing import run_dag_test

    (source / "bundled_common").mkdir()
    (source / "bundled_common" / "cries.py").write_text(SHOUTS)
    twice = SHOUTS_TWICE.replace("bundled_shouts", "bundled_common.cries")
    (source / "below" / "after.py").write_text(twice)
    bundle.refresh()
    # Alone, as the DAG processor parses it: no other file has added its folder.
    found = parsed(bundle.path / "below" / "after.py.py")

    assert found.import_errors == {}
    done = run_dag_test(found.dags["shouting-twice"])
    assert (done.reason, len(done.tasks)) == ("", 2)


def test_what_is_excluded_has_no_dags(home, source, tmp_path, monkeypatch, parsed):
    from dagger_providers.airflow.bundles import PipelineBundle

    monkeypatch.setenv("AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_STORAGE_PATH", str(tmp_path / "bundles"))
    made = PipelineBundle(name="pipelines", path=str(source), exclude=["below/*.yaml", "fl*.py"])
    made.initialize()

    assert [file.name for file in made.path.rglob("*.py")] == ["tasks.py.py"]
    assert list(parsed(made.path).dags) == []


@pytest.mark.parametrize("exclude", ["scratch/*", [3], 3, None])
def test_what_is_excluded_is_a_list_of_patterns(home, source, exclude):
    from dagger_providers.airflow.bundles import PipelineBundle

    with pytest.raises(UsageError, match=r"bundle 'pipelines': exclude is a list of patterns, su"):
        PipelineBundle(name="pipelines", path=str(source), exclude=exclude)


def test_options_of_any_type_are_written_as_python(home, source, parsed, bundled):
    made = bundled(default_args={"deferrable": True, "pool": None}, catchup=False)
    found = parsed(made.path)

    assert found.import_errors == {}
    assert found.dags["once"].default_args["deferrable"] is True
    assert found.dags["once"].catchup is False


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (
            {"luncher": "process"},
            "bundle 'pipelines': no option 'luncher'; did you mean 'launcher'?",
        ),
        ({"dag_id": "x"}, "bundle 'pipelines': no option 'dag_id'"),
        (["launcher"], "bundle 'pipelines': options is a mapping, got ['launcher']"),
    ],
)
def test_an_option_that_does_not_exist_is_one_line(home, source, options, told):
    from dagger_providers.airflow.bundles import PipelineBundle

    with pytest.raises(UsageError) as refused:
        PipelineBundle(name="pipelines", path=str(source), options=options)
    assert str(refused.value).startswith(told)
    assert "\n" not in str(refused.value)
