"""Each extra, installed from the wheel, brings what the code behind it needs."""

import json

import pytest

pytestmark = [pytest.mark.packaging, pytest.mark.slow]

CURRENT = "apache-airflow-providers-cncf-kubernetes>=10.25"
POD = "from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator"
RUN = """
from doubles import doubles

assert doubles(xs=[1, 2, 3]) == 12
assert doubles.run(xs=[1, 2, 3]).outputs["return_value"] == 12
assert doubles.run(xs=[]).outputs["return_value"] == 0
"""

FRAME = """
import {library} as library
from dagger_providers import dag, task

@task
def rows(n: int) -> library.{frame}:
    return library.{make}

@task
def count(rows: library.{frame}) -> int:
    return {count}

@dag
def counted(n: int):
    return count(rows(n))

assert counted.run(n=3).outputs["return_value"] == 3
"""

BUILD = """
from dagger_providers.airflow import to_airflow
from doubles import doubles

print(*to_airflow(doubles).task_ids)
"""

DISCOVER = """
from airflow.providers_manager import ProvidersManager

print(*ProvidersManager().providers)
"""


def test_the_core_runs_a_pipeline_and_its_command_line(install) -> None:
    core = install()

    core.execute(RUN)
    assert "run-node" in core.command("--help")
    assert "12" in core.command("run", "doubles.py", "--json")
    assert not {"apache-airflow-core", "kfp", "kubernetes", "pandas"} & set(core.versions())


def test_compiling_for_kfp_without_its_extra_says_what_to_install(install) -> None:
    core = install()

    with pytest.raises(AssertionError) as failed:
        core.compile_for_kfp()

    assert "pip install 'dagger-providers[kfp]'" in str(failed.value)
    assert "Traceback" not in str(failed.value)


def test_building_an_airflow_dag_without_its_extra_says_what_to_install(install) -> None:
    core = install()

    with pytest.raises(AssertionError) as failed:
        core.execute(BUILD)

    assert "pip install 'dagger-providers[airflow]'" in str(failed.value)


@pytest.mark.parametrize(
    ("extra", "library", "frame", "make", "count"),
    [
        ("pandas", "pandas", "DataFrame", "DataFrame({'n': range(n)})", "len(rows)"),
        ("polars", "polars", "DataFrame", "DataFrame({'n': range(n)})", "len(rows)"),
        ("arrow", "pyarrow", "Table", "table({'n': list(range(n))})", "rows.num_rows"),
    ],
)
def test_a_data_frame_travels(
    extra: str, library: str, frame: str, make: str, count: str, install
) -> None:
    here = install(extra)
    code = FRAME.format(library=library, frame=frame, make=make, count=count)
    (here.folder / "counted.py").write_text(code)

    here.execute("import counted")


@pytest.mark.parametrize(
    ("extra", "scheme", "module"),
    [("s3", "s3", "s3fs"), ("gcs", "gs", "gcsfs"), ("azure", "az", "adlfs")],
)
def test_an_object_store_is_known(extra: str, scheme: str, module: str, install) -> None:
    here = install(extra)

    code = f"import fsspec; print(fsspec.get_filesystem_class({scheme!r}).__module__)"
    found = here.execute(code)

    assert found.startswith(module)


def test_kfp_compiles_without_the_sdk(install) -> None:
    here = install("kfp")

    assert "schemaVersion: '2.1.0'" in here.compile_for_kfp()
    assert not {"kfp", "kubernetes"} & set(here.versions())


def test_the_kfp_sdk_loads_what_was_compiled_beside_it(install) -> None:
    here = install("kfp-sdk")

    here.compile_for_kfp()
    code = "from kfp import components as c; print(c.load_component_from_file('doubles.yaml').name)"
    assert here.execute(code).strip() == "doubles"
    assert here.versions()["kubernetes"] < (31,)


def test_airflow_finds_the_provider_and_builds_a_dag(install) -> None:
    here = install("airflow")

    assert "dagger-providers" in here.execute(DISCOVER)
    assert "total" in here.execute(BUILD)


def test_airflow_on_kubernetes_beside_the_kfp_compiler(install) -> None:
    here = install("airflow-kubernetes", "kfp")

    assert "dagger-providers" in here.execute(DISCOVER)
    assert "total" in here.execute(BUILD)
    here.execute(POD)
    assert "schemaVersion: '2.1.0'" in here.compile_for_kfp()
    here.pip("check")
    assert here.versions()["apache-airflow-providers-cncf-kubernetes"] >= (10, 25)
    assert here.versions()["kubernetes"] >= (36,)


def test_plain_pip_resolves_the_compiler_beside_airflow_on_kubernetes(install, wheel) -> None:
    here = install(also=["pip"])
    wanted = f"{wheel}[airflow-kubernetes,kfp]"

    here.run("python", "-m", "pip", "install", "--dry-run", "--report", "plan.json", "-qq", wanted)

    plan = json.loads((here.folder / "plan.json").read_text())["install"]
    versions = {item["metadata"]["name"]: item["metadata"]["version"] for item in plan}
    assert versions["apache-airflow-providers-cncf-kubernetes"].startswith("10.25.")


def test_the_sdk_and_the_current_kubernetes_provider_do_not_fit(install) -> None:
    """The day this fails, the conflict in pyproject.toml and the override in dev/ can go."""
    with pytest.raises(AssertionError, match="No solution found"):
        install("airflow-kubernetes", "kfp-sdk", also=[CURRENT])
