"""Compile 1,000 tasks to KFP: ours against the same containers through the SDK, in turn."""

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

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests" / "kfp"))

from kfp_by_sdk import compile_containers, containers  # noqa: E402
from kfp_flows import join, upper  # noqa: E402

from dagger_providers import dag, kfp  # noqa: E402
from dagger_providers.kfp.containers import Target  # noqa: E402
from dagger_providers.planning import plan  # noqa: E402

TASKS, CHAIN = 1000, 37
FLOOR = 5.0
IMAGE, STORE = "flows:1", "s3://bucket/runs"


@dag
def thousand(text: str = "a"):
    """Chains of tasks that each read the one before; one task joins their ends."""
    ends = []
    for _ in range((TASKS - 1) // CHAIN):
        value = text
        for _ in range(CHAIN):
            value = upper(value)
        ends.append(value)
    return join(ends)


def seconds(work: Callable[[], object]) -> float:
    """How long one call takes; what others left behind is not its affair."""
    gc.collect()
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def main() -> int:
    """Measure, print, and return 1 when the ratio is below the floor."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="at least 5")
    rounds = max(5, parser.parse_args().rounds)
    warnings.simplefilter("ignore")
    lowered = plan(thousand.build())
    assert len(lowered.steps) == TASKS, len(lowered.steps)  # noqa: S101
    made = containers(lowered, Target(STORE, IMAGE))
    with tempfile.TemporaryDirectory() as folder:
        ours, sdks = Path(folder, "ours.yaml"), Path(folder, "sdk.yaml")
        # Ours is timed from the decorated function on, the SDK from finished arguments on.
        measured = [
            (
                seconds(lambda: kfp.compile(thousand, ours, image=IMAGE, store=STORE)),
                seconds(lambda: compile_containers(lowered, made, sdks)),
            )
            for _ in range(rounds)
        ]
        sizes = [file.stat().st_size for file in (ours, sdks)]
        executors = [file.read_text().count("--run-id") for file in (ours, sdks)]
    assert executors == [TASKS, TASKS], executors  # noqa: S101
    for number, (our, their) in enumerate(measured, start=1):
        print(f"round {number}: ours {our:.2f} s, SDK {their:.2f} s, {their / our:.1f} times")
    our, their = (median(side) for side in zip(*measured, strict=True))
    print(
        f"{TASKS} tasks, medians of {rounds} rounds: ours {our:.2f} s ({sizes[0]} bytes), "
        f"KFP SDK {version('kfp')} {their:.2f} s ({sizes[1]} bytes): {their / our:.1f} times faster"
    )
    if their / our < FLOOR:
        print(f"below {FLOOR:g} times")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
