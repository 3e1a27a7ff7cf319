"""Measure how long a chain of five pods takes, against plain `KubernetesPodOperator`.

Both operators are at their defaults and run the same node commands by `dag.test()`, in turns,
against the Kubernetes API of the tests, whose pods are processes of this machine: what takes long
is mostly how the operators wait. Prints the wall time and the requests of a chain, as medians of
interleaved rounds, and fails if ours takes too large a part of the other's time.
Usage: ``python dev/bench_pods.py [ROUNDS]``.
"""

import logging
import os
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

os.environ["AIRFLOW__LOGGING__LOGGING_LEVEL"] = "CRITICAL"

from dagger_providers import dag, task
from dagger_providers.airflow.testing import isolate, run_dag_test
from dagger_providers.card.functions import load_file
from dagger_providers.planning import plan

ROOT = Path(__file__).parents[1]
FAKE = load_file("fake_kubernetes.py", str(ROOT / "tests" / "airflow"))

ROUNDS = 5
PODS = 5
DELAY = 0.7
"""Seconds that a pod is made before it runs; where the image is there already, a kubelet's need."""
LIMIT = 0.5
"""Which part of the wall time of plain operators ours may take."""


@task
def step(number: int) -> int:
    """Do what takes no time."""
    return number + 1


@dag
def chain(number: int = 0) -> int:
    """Run one pod after the other."""
    for _ in range(PODS):
        number = step(number)
    return number


def main(rounds: int) -> int:
    """Measure, print, and return whether the limit is broken."""
    isolate()
    logging.disable()
    environment = {"PYTHONPATH": os.pathsep.join([str(ROOT / "dev"), *sys.path])}
    with tempfile.TemporaryDirectory() as name, FAKE.FakeKubernetes(environment, DELAY) as cluster:
        folder = Path(name)
        access = {
            "config_file": cluster.kubeconfig(folder),
            "in_cluster": False,
            "kubernetes_conn_id": None,
            "namespace": "jobs",
        }
        store = str(folder / "store")
        every = [
            (
                timed(cluster, lambda number=number: ours(number, store, access)),
                timed(cluster, lambda number=number: by_hand(number, store, access)),
            )
            for number in range(rounds + 1)  # the first only warms up
        ][1:]
    return compare(every)


def ours(number: int, store: str, access: dict[str, Any]) -> Any:
    """Make the DAG of the chain."""
    from dagger_providers.airflow import to_airflow

    options = {"launcher": "kubernetes", "image": "flows:1", "default_args": access}
    return to_airflow(chain, dag_id=f"ours_{number}", store=store, **options)


def by_hand(number: int, store: str, access: dict[str, Any]) -> Any:
    """Make a DAG of plain operators with the commands of the same steps."""
    from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator
    from airflow.sdk import DAG

    from dagger_providers.airflow.node import Run, node_command, node_of

    run = Run(store, f"by_hand/{number}", {"number": 0})
    with DAG(f"by_hand_{number}", schedule=None, default_args=access) as made:
        tasks = [
            KubernetesPodOperator(
                task_id=one.address,
                image="flows:1",
                cmds=["python", "-m", "dagger_providers", "run-node"],
                arguments=node_command(node_of(one, None), "", run),
                env_vars={"PYTHONHASHSEED": "0"},
            )
            for one in plan(chain.build()).steps.values()
        ]
        for before, after in pairwise(tasks):
            after.set_upstream(before)
    return made


def timed(cluster: Any, made: Callable[[], Any]) -> tuple[float, float]:
    """Run a DAG, and return its wall time in seconds and how many requests it made."""
    airflow_dag, before = made(), cluster.requests.total()
    pods, started = len(cluster.created), time.perf_counter()
    done = run_dag_test(airflow_dag)
    seconds = time.perf_counter() - started
    assert done.state == "success", done.reason  # noqa: S101
    assert len(cluster.created) - pods == PODS  # noqa: S101
    return seconds, cluster.requests.total() - before


def compare(rounds: list[tuple[tuple[float, float], tuple[float, float]]]) -> int:
    """Print the figures of ours and of those by hand, and return whether the limit is broken."""
    print(f"{PODS} pods, one after the other, medians of {len(rounds)} rounds")
    for place, unit, digits in ((0, "s", 1), (1, "requests", 0)):
        mine, other = ([row[side][place] for row in rounds] for side in (0, 1))
        print(f"  {median(mine):6.{digits}f} against {median(other):6.{digits}f} {unit}")
    ratio = median(mine[0] / other[0] for mine, other in rounds)
    verdict = "" if ratio <= LIMIT else f": MORE THAN {LIMIT}"
    print(f"  {ratio:.2f} times{verdict}")
    return int(ratio > LIMIT)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if sys.argv[1:] else ROUNDS))
