"""Compare how fast py-dagger 0.4.2 and we build a pipeline, interleaved in one process.

Run: python dev/bench_build.py [--rounds N]. It prints a table of medians of CPU time, and fails
when a build of 1,000 nodes is not 10 times as fast, or when 10,000 nodes take more than 13 times as
long as 1,000.
"""

from __future__ import annotations

import argparse
import gc
import sys
import time
from collections.abc import Callable
from statistics import median
from typing import Any

from dagger import dsl as theirs  # type: ignore[import-untyped]

import dagger_providers as ours
from dagger_providers.model import dumps
from dagger_providers.planning import plan

SIZES = (1_000, 10_000)
FASTER = 10.0
LINEAR = 13.0
PLAN_SECONDS = 0.3

nodes = 0
"""How many calls the pipelines below record."""


@ours.task
def start() -> int:
    """Give the first value."""
    return 1


@ours.task
def step(value: int) -> int:
    """Give the next value."""
    return value + 1


@ours.dag
def chain() -> Any:
    """Record a chain."""
    value = start()
    for _ in range(nodes - 1):
        value = step(value)
    return value


@ours.dag
def fan_out() -> None:
    """Record one root and its leaves."""
    root = start()
    for _ in range(nodes - 1):
        step(root)


@ours.task
def shifted(value: int, by: int) -> int:
    """Give another value."""
    return value + by


@ours.dag
def fan_out_literals() -> None:
    """Record one root and leaves that all differ."""
    root = start()
    for number in range(nodes - 1):
        shifted(root, number)


@theirs.task()
def their_start() -> int:  # noqa: D103
    return 1


@theirs.task()
def their_step(value: int) -> int:  # noqa: D103
    return value + 1


@theirs.DAG()
def their_chain() -> Any:  # noqa: D103
    value = their_start()
    for _ in range(nodes - 1):
        value = their_step(value)
    return value


@theirs.DAG()
def their_fan_out() -> None:  # noqa: D103
    root = their_start()
    for _ in range(nodes - 1):
        their_step(root)


@theirs.task()
def their_shifted(value: int, by: int) -> int:  # noqa: D103
    return value + by


@theirs.DAG()
def their_fan_out_literals() -> None:  # noqa: D103
    root = their_start()
    for number in range(nodes - 1):
        their_shifted(root, number)


SHAPES = {
    "chain": (chain, their_chain),
    "fan-out": (fan_out, their_fan_out),
    "fan-out, literals": (fan_out_literals, their_fan_out_literals),
}


def cpu_seconds(run: Callable[[], object]) -> float:
    """Return the CPU time of one call, garbage of earlier ones collected before."""
    gc.collect()
    started = time.process_time()
    run()
    return time.process_time() - started


def measure(rounds: int) -> dict[tuple[str, str], list[float]]:
    """Return the CPU seconds of each shape and thing measured, one per round."""
    global nodes  # noqa: PLW0603 - the pipelines take no parameters, so that none is measured
    taken: dict[tuple[str, str], list[float]] = {}
    for _ in range(rounds):
        for shape, (mine, other) in SHAPES.items():
            for nodes in SIZES:
                taken.setdefault((shape, f"ours {nodes}"), []).append(cpu_seconds(mine.build))
            nodes = SIZES[0]
            theirs_taken = cpu_seconds(lambda dag=other: theirs.build(dag))
            taken.setdefault((shape, "py-dagger 1000"), []).append(theirs_taken)
            built = mine.build()
            taken.setdefault((shape, "plan 1000"), []).append(cpu_seconds(lambda d=built: plan(d)))
            taken.setdefault((shape, "JSON 1000"), []).append(cpu_seconds(lambda d=built: dumps(d)))
    return taken


def main() -> int:
    """Measure, print and judge."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    found = measure(parser.parse_args().rounds)
    good = True
    print(f"{'CPU ms, medians':18}{'py-dagger':>11}{'ours':>9}{'faster':>8}"
          f"{'10,000':>9}{'growth':>8}{'plan':>8}{'JSON':>8}")  # fmt: skip
    for shape in SHAPES:
        other, mine, large, lowered, text = (
            1000 * median(found[shape, name])
            for name in ("py-dagger 1000", "ours 1000", "ours 10000", "plan 1000", "JSON 1000")
        )
        # Other work on the machine only ever adds time: growth is told by the best rounds.
        growth = min(found[shape, "ours 10000"]) / min(found[shape, "ours 1000"])
        faster = other / mine
        print(f"{shape:18}{other:11.1f}{mine:9.1f}{faster:7.1f}x"
              f"{large:9.1f}{growth:7.1f}x{lowered:8.1f}{text:8.1f}")  # fmt: skip
        good &= faster >= FASTER and growth <= LINEAR and lowered < 1000 * PLAN_SECONDS
    print("as promised" if good else "NOT as promised: 10 times as fast, growth to 13 at most")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
