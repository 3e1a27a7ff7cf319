"""Compile 10 to 5,000 tasks to KFP: ours against the same containers through the SDK, in turn."""

import argparse
import gc
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests" / "kfp"))

from kfp_by_sdk import compile_containers, containers  # noqa: E402
from kfp_flows import join, upper  # noqa: E402

from dagger_providers import dag, kfp  # noqa: E402
from dagger_providers.kfp.containers import Target  # noqa: E402
from dagger_providers.model import DAG  # noqa: E402
from dagger_providers.planning import nested_plan  # noqa: E402

SIZES, JUDGED = (10, 100, 1000, 5000), 1000
CHAIN = 9
FLOOR, GROWTH = 5.0, 1.6
LONG = 5000
"""Of so many tasks the SDK, which takes minutes for them, compiles one round only."""
IMAGE = "flows:1"


def chains(tasks: int) -> DAG:
    """Chains of tasks that each read the one before; one task joins their ends."""

    @dag
    def flow(text: str = "a"):
        ends = []
        for first in range(0, tasks - 1, CHAIN):
            value = text
            for _ in range(first, min(first + CHAIN, tasks - 1)):
                value = upper(value)
            ends.append(value)
        return join(ends)

    return flow


def seconds(work: Callable[[], object]) -> float:
    """How long one call takes; what others left behind is not its affair."""
    gc.collect()
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


class Measured(NamedTuple):
    """What compiling so many tasks took, and gave.

    Attributes:
        ours: Seconds, the median of the rounds.
        sdks: The same through the SDK.
        our_bytes: Bytes of YAML for each task.
        sdk_bytes: The same through the SDK.
    """

    ours: float
    sdks: float
    our_bytes: float
    sdk_bytes: float


def measure(tasks: int, rounds: int) -> Measured:
    """Compile both ways, in turn."""
    flow = chains(tasks)
    lowered = nested_plan(flow.build())
    assert len(lowered.steps) == tasks, len(lowered.steps)  # noqa: S101
    by_us: list[float] = []
    by_sdk: list[float] = []
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as store:
        made = containers(lowered, Target(store, IMAGE))  # keeps the longest card in the store
        ours, sdks = Path(folder, "ours.yaml"), Path(folder, "sdk.yaml")
        for number in range(rounds):
            # Ours is timed from the decorated function on, the SDK from finished arguments on.
            by_us.append(seconds(lambda: kfp.compile(flow, ours, image=IMAGE, store=store)))
            if number == 0 or tasks < LONG:
                by_sdk.append(seconds(lambda: compile_containers(lowered, made, sdks)))
                print(
                    f"  round {number + 1}: {by_us[-1]:.3f} s, SDK {by_sdk[-1]:.3f} s", flush=True
                )
        found = [file.read_text().count("componentRef:") for file in (ours, sdks)]
        assert found == [tasks, tasks], found  # noqa: S101
        sizes = [file.stat().st_size / tasks for file in (ours, sdks)]
    return Measured(median(by_us), median(by_sdk), *sizes)


def main() -> int:
    """Measure, print, and return 1 when a limit is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="at least 5")
    parser.add_argument("--tasks", type=int, nargs="+", default=SIZES, metavar="N")
    given = parser.parse_args()
    rounds = max(5, given.rounds)
    warnings.simplefilter("ignore")
    found: dict[int, Measured] = {}
    print(f"medians of {rounds} rounds, KFP SDK {version('kfp')}")
    for tasks in given.tasks:
        one = found[tasks] = measure(tasks, rounds)
        print(
            f"{tasks} tasks: {one.ours:.3f} s, SDK {one.sdks:.3f} s: {one.sdks / one.ours:.1f} "
            f"times faster; {one.our_bytes:.0f} bytes a task, SDK {one.sdk_bytes:.0f}"
        )
    missed = [
        f"{tasks} tasks: {one.our_bytes:.0f} bytes a task are more than {one.sdk_bytes:.0f}"
        for tasks, one in found.items()
        if one.our_bytes > one.sdk_bytes
    ]
    judged = found.get(JUDGED)
    if judged and judged.sdks / judged.ours < FLOOR:
        missed.append(f"{JUDGED} tasks: below {FLOOR:g} times")
    if judged and LONG in found:
        growth = found[LONG].ours / judged.ours / (LONG / JUDGED)
        print(f"growth from {JUDGED} to {LONG} tasks: {growth:.2f} of linear")
        if growth > GROWTH:
            missed.append(f"growth above {GROWTH:g} of linear")
    print("\n".join(missed))
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
