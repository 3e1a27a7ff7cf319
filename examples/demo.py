"""One pipeline on three engines: here, in Airflow and through Kubeflow Pipelines.

    make demo

`flight_delays.py` runs unchanged on each of them, then every output is compared, byte for byte.
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from dagger_providers import kfp
from dagger_providers.dsl.find import find_pipeline
from dagger_providers.testing import parity
from dagger_providers.testing.cells import Answer
from dagger_providers.testing.engines import ENGINES, Job
from dagger_providers.testing.table import render

HERE = Path(__file__).parent
PIPELINE = Path(os.path.relpath(HERE / "flight_delays.py"))
FOLDER = Path(".dagger/demo").absolute()


def airflow_dags_test(jobs: Sequence[Job]) -> list[Answer]:
    """Run ``airflow dags test`` on a dags folder of two files, with SQLite and no cluster."""
    home = FOLDER / "airflow"
    dags = home / "dags"
    dags.mkdir(parents=True)
    shutil.copy(PIPELINE, dags)
    shutil.copy(HERE / "airflow" / "flight_delays_dag.py", dags)
    store = Path(jobs[0].store)
    environment = {
        **os.environ,
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__DAGGER_PROVIDERS__STORE_URI": str(store),
    }
    started = time.perf_counter()
    with (home / "dags_test.log").open("w") as log:
        for command in (["db", "migrate"], ["dags", "test", "delays"]):
            ended = subprocess.run(
                [sys.executable, "-m", "airflow", *command],
                env=environment, stdout=log, stderr=log, check=False,
            )  # fmt: skip
    seconds = time.perf_counter() - started
    engine = "`airflow dags test`, SQLite, with its database made anew"
    runs = list(store.glob("runs/airflow/delays/*"))
    if ended.returncode or not runs:
        return [Answer("failed", f"see {home / 'dags_test.log'}", engine=engine)]
    return [Answer("succeeded", "", str(runs[0]), engine, seconds)]


def main() -> int:
    """Run the demo; the exit status is 1 when an output differs."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    manifest = FOLDER / "flight_delays.yaml"
    pipeline = find_pipeline(str(PIPELINE))
    kfp.compile(pipeline, manifest, image="example/flights:1", store=str(FOLDER / "kfp"))
    cells = parity(
        [str(PIPELINE)],
        on=("plain", "local", "airflow", "kfp"),
        store=str(FOLDER / "stores"),
        progress=sys.stderr,
        engines={**ENGINES, "airflow": airflow_dags_test},
    )
    print(f"\n{render(cells)}\n")
    if any(cell.status != "equal" for cell in cells):
        return 1
    local = next(cell for cell in cells if cell.runtime == "local")
    report = next(Path(local.folder).glob("nodes/report/attempt-*/return_value.html"))
    where = (report, manifest, Path(local.folder) / "run.json")
    shown = [str(path.relative_to(Path.cwd())) for path in where]
    print("report: {}; KFP manifest: {}; run record: {}".format(*shown))
    return 0


if __name__ == "__main__":
    sys.exit(main())
