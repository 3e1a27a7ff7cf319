"""The Airflow drop-in, copied with its pipeline into a dags folder, is a Dag."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.mark.airflow
def test_the_drop_in_is_a_dag(tmp_path):
    dags = tmp_path / "dags"
    dags.mkdir()
    for file in ("airflow/flight_delays_dag.py", "flight_delays.py"):
        shutil.copy(EXAMPLES / file, dags)
    ask = "from flight_delays_dag import dag; print(dag.dag_id, *sorted(dag.task_ids))"
    home = {"AIRFLOW_HOME": str(tmp_path), "PYTHONPATH": str(dags)}
    done = subprocess.run(
        [sys.executable, "-c", ask],
        cwd=tmp_path,
        env={**os.environ, **home},
        check=True,
        capture_output=True,
        text=True,
    )
    assert done.stdout.splitlines()[-1] == "delays clean compare fit report split"
