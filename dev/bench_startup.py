"""Measure cold starts: importing the package, and running one node of a small or large pipeline.

Prints CPU times of fresh processes, as medians of interleaved rounds, and fails if one is over its
limit. Usage: ``python dev/bench_startup.py [ROUNDS]``.
"""

import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

ROUNDS = 15
IMPORT_LIMIT = 0.10
"""CPU seconds that importing the package may add to bare Python."""
NODE_LIMIT = 1.5
"""How often longer than importing the user's module a run of a trivial node may take."""
GROWTH_LIMIT = 1.10
"""How often longer it may take in a pipeline of 1,000 nodes than in one of 10."""

MODULE = """
from dagger_providers import dag, task


@task
def increment(number: int) -> int:
    return number + 1


@dag
def chain(number: int = 0):
    for _ in range({nodes}):
        number = increment(number)
    return number
"""


def main(rounds: int) -> int:
    """Measure, print, and return how many limits are broken."""
    with tempfile.TemporaryDirectory() as folder:
        for nodes in (10, 1000):
            Path(folder, f"chain_{nodes}.py").write_text(MODULE.format(nodes=nodes))
        commands = {
            "bare": ["-c", "pass"],
            "import dagger_providers": ["-c", "import dagger_providers"],
            "import user_module": ["-c", "import chain_10"],
            "run-node, 10 nodes": run_node(folder, 10),
            "run-node, 1000 nodes": run_node(folder, 1000),
        }
        spent = measure(commands, rounds, folder)
    for name, values in zip(commands, zip(*spent, strict=True), strict=True):
        print(f"{name:24} {median(values) * 1000:7.1f} ms CPU")
    # Each round is compared in itself: a machine that is shared changes its speed between rounds.
    checks = [
        ("import over bare Python, s", [row[1] - row[0] for row in spent], IMPORT_LIMIT),
        ("run-node / import user_module", [row[3] / row[2] for row in spent], NODE_LIMIT),
        ("1,000 nodes / 10 nodes", [row[4] / row[3] for row in spent], GROWTH_LIMIT),
    ]
    for name, values, limit in checks:
        verdict = "" if median(values) <= limit else ": TOO MUCH"
        print(f"{name:30} {median(values):6.3f}, limit {limit}{verdict}")
    return sum(median(values) > limit for _, values, limit in checks)


def run_node(folder: str, nodes: int) -> list[str]:
    """Return the command that runs the first node of a chain, by its card."""
    card = subprocess.run(
        [sys.executable, "-c", CARD.format(nodes=nodes)],
        cwd=folder, env=environment(folder), capture_output=True, text=True, check=True,
    ).stdout.strip()  # fmt: skip
    given = ["--card", card, "--store", folder, "--run-id", "r", "--param", "number", "1"]
    return ["-m", "dagger_providers", "run-node", *given]


CARD = """
from dagger_providers.card import dumps
from dagger_providers.planning import plan
from chain_{nodes} import chain

print(dumps(next(iter(plan(chain.build()).steps.values())).card))
"""


def measure(commands: dict[str, list[str]], rounds: int, folder: str) -> list[list[float]]:
    """Return the CPU seconds of each command in each round; a first round only warms up."""
    every = [
        [cpu_seconds(command, folder) for command in commands.values()] for _ in range(rounds + 1)
    ]
    return every[1:]


def cpu_seconds(command: list[str], folder: str) -> float:
    """Return the CPU time of one fresh interpreter."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, *command], cwd=folder, env=environment(folder), check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def environment(folder: str) -> dict[str, str]:
    """Return an environment in which bytecode is kept, as in any image."""
    kept = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PYTHONPATH": folder, "PYTHONHASHSEED": "0"}


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS) > 0)
