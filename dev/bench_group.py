"""Five steps in one process against five processes, on Airflow's `dag.test()`."""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

FLOOR = 2.5
FLOW = """
from dagger_providers import dag, task

@task
def grow(text: str) -> str:
    return text + text[-1]

def chain(text, group):
    for _ in range(5):
        text = grow.options(group=group)(text)
    return text

@dag
def apart(text: str = "ab"):
    return chain(text, None)

@dag
def together(text: str = "ab"):
    return chain(text, "one")
"""
RUN = """
import hashlib, json, sys, time
from dagger_providers.airflow.testing.runs import execute
import five_steps
from dagger_providers.execution import Resolver, RunContext
from dagger_providers.planning import plan
from dagger_providers.storage import open_store

def measured(name, number):
    dag = getattr(five_steps, name).build()
    started = time.perf_counter()
    run = execute(dag, {}, sys.argv[1], dag_id=f"{name}-{number}")
    seconds = time.perf_counter() - started
    assert run.state == "success", run.reason
    lowered = plan(dag)
    resolver = Resolver(RunContext(open_store(run.folder), {}), lowered.axes)
    return seconds, resolver.identity(lowered.outputs["return_value"], {}), len(run.tasks)

measured("apart", "warm")
for number in range(int(sys.argv[2])):
    found = {name: measured(name, number) for name in ("apart", "together")}
    print("RESULT", json.dumps(found), flush=True)
"""


def main() -> int:
    """Measure, print, and return 1 when one process is not faster enough."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="at least 5")
    rounds = max(5, parser.parse_args().rounds)
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "five_steps.py").write_text(FLOW)
        ended = subprocess.run(
            [sys.executable, "-c", RUN, f"{folder}/store", str(rounds)],
            env={**os.environ, "PYTHONPATH": os.pathsep.join([folder, *sys.path])},
            capture_output=True,
            text=True,
            check=False,
        )
    lines = [line for line in ended.stdout.splitlines() if line.startswith("RESULT ")]
    if ended.returncode or len(lines) != rounds:
        print(ended.stderr[-2000:])
        return 1
    found = [json.loads(line.removeprefix("RESULT ")) for line in lines]
    ratios = [one["apart"][0] / one["together"][0] for one in found]
    apart, together = (median(one[n][0] for one in found) for n in ("apart", "together"))
    same = len({one[name][1] for one in found for name in ("apart", "together")}) == 1
    tasks = found[0]["apart"][2], found[0]["together"][2]
    each = ", ".join(f"{ratio:.1f}" for ratio in ratios)
    print(f"5 steps: {tasks[0]} tasks {apart:.2f} s, {tasks[1]} task {together:.2f} s")
    print(f"ratio {median(ratios):.1f} (each round: {each}; at least {FLOOR}); same bytes: {same}")
    return 0 if median(ratios) >= FLOOR and same else 1


if __name__ == "__main__":
    sys.exit(main())
