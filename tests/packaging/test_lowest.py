"""The lowest versions that pyproject.toml allows do work."""

import pytest

pytestmark = [pytest.mark.packaging, pytest.mark.slow]

RUN = """
from doubles import doubles

assert doubles(xs=[1, 2, 3]) == 12
assert doubles.run(xs=[1, 2, 3]).outputs["return_value"] == 12
"""

BUILD = """
from dagger_providers.airflow import to_airflow
from doubles import doubles

print(*to_airflow(doubles).task_ids)
"""


def test_the_core(install) -> None:
    here = install(lowest=True)

    here.execute(RUN)
    assert "12" in here.command("run", "doubles.py", "--json")
    assert "compile" in here.command("--help")
    assert here.versions()["pydantic"] == (2, 9)


def test_the_kfp_compiler(install) -> None:
    here = install("kfp", lowest=True)

    assert "schemaVersion: '2.1.0'" in here.compile_for_kfp()
    assert here.versions()["kfp-pipeline-spec"] == (2, 17)


def test_airflow(install) -> None:
    # Airflow 3.1.0 does not import beside later structlogs; its own constraints say 25.4.
    here = install("airflow", lowest=True, also=["structlog<25.5"])

    assert "total" in here.execute(BUILD)
    assert here.versions()["apache-airflow"] == (3, 1)
