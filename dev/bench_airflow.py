"""Measure what the DAG of a pipeline costs Airflow, against one written by hand with pods.

Each DAG file is read in a fresh process, as Airflow's DAG processor does: imports, parse,
serialise. Both have the same tasks and commands of the same length. Prints CPU time, the length of
the DAG's JSON and memory, as medians of interleaved rounds, and fails if one is over its limit.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import NamedTuple

TASKS = (10, 100, 1000)
LIMIT = 1.2
"""How much more than by hand a DAG may cost, in time and in length."""
FILES = 200


class Figures(NamedTuple):
    """What reading some DAG files took: CPU seconds, characters of JSON, MiB at the peak."""

    dags: int
    tasks: int
    seconds: float
    length: int
    memory: float


OURS = """
from dagger_providers import dag, task
from dagger_providers.airflow import to_airflow


@task
def step(text: str) -> str:
    return text


@dag
def chain(text: str = "a"):
    for _ in range({tasks}):
        text = step(text)
    return text


dag = to_airflow(
    chain, dag_id="chain_{number}", launcher="kubernetes", image="flows:1", store="s3://bucket/runs"
)
"""

BY_HAND = """
from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator
from airflow.sdk import DAG, Param

with DAG("chain_{number}", schedule=None, params={{"text": Param("a", type="string")}}) as dag:
    before = None
    for number in range({tasks}):
        task = KubernetesPodOperator(
            task_id=f"step-{{number}}",
            image="flows:1",
            cmds=["python", "-m", "dagger_providers", "run-node"],
            arguments={arguments},
            env_vars={{"PYTHONHASHSEED": "0"}},
            startup_check_interval_seconds=1,
        )
        if before is not None:
            task.set_upstream(before)
        before = task
"""

READ = """
import json, resource, sys
from airflow.dag_processing.dagbag import DagBag
from airflow.serialization.serialized_objects import DagSerialization

bag = DagBag(sys.argv[1], safe_mode=False)
assert not bag.import_errors, bag.import_errors
written = [json.dumps(DagSerialization.to_dict(dag)) for dag in bag.dags.values()]
tasks = sum(len(dag.tasks) for dag in bag.dags.values())
memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps([len(written), tasks, sum(map(len, written)), memory / 1024]))
"""

COMMAND = """
import sys
from dagger_providers.airflow.node import Run, node_command, node_of
from dagger_providers.planning import plan

sys.path.insert(0, sys.argv[1])
from pipeline_0 import chain

steps = plan(chain.build()).steps.values()
run = Run("s3://bucket/runs", "airflow/chain_0/scheduled__2026-01-01T00:00:00+00:00")
print(node_command(node_of([*steps][-1], None, "flows:1"), "", run))
"""


def main() -> int:
    """Measure, print, and return how many limits are broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="at least 5")
    parser.add_argument("--files", type=int, default=FILES, help="pipeline files in one folder")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        places = [write(folder / f"ours_{n}", OURS, n) for n in TASKS]
        arguments = run(folder, COMMAND, places[0])
        pairs = [
            (place, write(folder / f"hand_{n}", BY_HAND, n, arguments=arguments))
            for place, n in zip(places, TASKS, strict=True)
        ]
        every = [
            [(read(folder, ours), read(folder, hand)) for ours, hand in pairs]
            for _ in range(max(5, given.rounds) + 1)  # the first only warms up
        ][1:]
        print(f"Airflow {version('apache-airflow-core')}, medians of {len(every)} rounds")
        broken = sum(compare([row[n] for row in every]) for n in range(len(TASKS)))
        many = write(folder / "ours_many", OURS, 10, given.files)
        by_hand = write(folder / "hand_many", BY_HAND, 10, given.files, arguments=arguments)
        print(f"{given.files} files of 10 tasks in one folder, read by one process, once:")
        broken += compare([(read(folder, many), read(folder, by_hand))])
    return broken


def write(folder: Path, text: str, tasks: int, files: int = 1, **more: str) -> Path:
    """Write DAG files, and return the folder that they are in."""
    folder.mkdir()
    for number in range(files):
        made = text.format(tasks=tasks, number=number, **more)
        (folder / f"pipeline_{number}.py").write_text(made)
    return folder


def read(home: Path, folder: Path) -> Figures:
    """Read a folder of DAG files in a fresh process."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    dags, tasks, length, memory = json.loads(run(home, READ, folder))
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Figures(dags, tasks, seconds, length, memory)


def run(home: Path, program: str, folder: Path) -> str:
    """Run a program with the path of a folder, and return the last line that it prints."""
    kept = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    env = {**kept, "AIRFLOW_HOME": str(home), "AIRFLOW__CORE__LOAD_EXAMPLES": "False"}
    env |= {"AIRFLOW__LOGGING__LOGGING_LEVEL": "ERROR"}
    command = [sys.executable, "-c", program, str(folder)]
    done = subprocess.run(command, env=env, check=True, stdout=subprocess.PIPE, text=True)
    return done.stdout.splitlines()[-1]


def compare(rounds: list[tuple[Figures, Figures]]) -> int:
    """Print the figures of ours and of those by hand, and return how many are over the limit."""
    assert all(ours[:2] == hand[:2] for ours, hand in rounds), rounds[0]  # noqa: S101
    broken = 0
    print(f"{rounds[0][0].tasks} tasks")
    for name, unit, digits in (
        ("seconds", "CPU s", 2),
        ("length", "bytes of JSON", 0),
        ("memory", "MiB", 0),
    ):
        ours, hand = ([getattr(pair[side], name) for pair in rounds] for side in (0, 1))
        # Each round is compared in itself: a machine that is shared changes its speed.
        ratio = median(our / other for our, other in zip(ours, hand, strict=True))
        verdict = "" if ratio <= LIMIT else f": MORE THAN {LIMIT}"
        shown = f"{median(ours):9.{digits}f} against {median(hand):9.{digits}f} {unit}"
        print(f"  {shown}, {ratio:.2f} times{verdict}")
        broken += ratio > LIMIT
    return broken


if __name__ == "__main__":
    sys.exit(main() > 0)
