"""Measure a map over many trivial items and its reducer: time, and memory by the number of items.

Prints medians of interleaved rounds, with one job and with two, in a memory file system and on
disk, then the peak memory of the run and of its workers, over a parameter and over the parts that
a task yields. Fails if a run in memory takes too long, or if memory grows with the number of items.
Usage: ``python dev/bench_map.py [ROUNDS]``.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

ROUNDS = 3
ITEMS = 10_000
SECONDS_LIMIT = 10.0
"""Wall time of a map over that many items and its reducer, in memory, with one job or two."""
SIZES = (1_000, 10_000, 50_000)
BYTES_LIMITS = {"listed": 250, "yielded": 220}
"""How many bytes of memory one more item may take, in the process of the run or in a worker."""

PIPELINE = """
from collections.abc import Iterable, Iterator

from dagger_providers import dag, task


@task
def double(number: int) -> int:
    return 2 * number


@task
def total(numbers: Iterable[int]) -> int:
    return sum(numbers)


@task
def numbers(count: int) -> Iterator[int]:
    yield from range(count)


@task
def total_of_doubles(numbers: Iterator[int], doubles: Iterable[int]) -> int:
    assert all(2 * number == double for number, double in zip(numbers, doubles, strict=True))
    return sum(doubles)


@dag
def listed(items: list[int]):
    return total([double(item) for item in items])


@dag
def yielded(count: int):
    items = numbers(count)
    return total_of_doubles(items, [double(item) for item in items])
"""

RUN = """
import json, re, resource, sys, time
import many
from dagger_providers.tracking.display import display

store, name, jobs, items = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
given = {"items": list(range(items))} if name == "listed" else {"count": items}
started, spent = time.perf_counter(), time.process_time()
with display() as listen:
    run = getattr(many, name).run(**given, store=store, jobs=jobs, listen=listen)
assert run.outputs["return_value"] == items * (items - 1)
told = {"seconds": time.perf_counter() - started, "cpu": time.process_time() - spent}
peak = re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())
told["run"] = int(peak[1]) * 1024
told["worker"] = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
print(json.dumps(told))
"""


def main(rounds: int) -> int:
    """Measure, print, and return how many limits are broken."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "many.py").write_text(PIPELINE)
        return _times(rounds, folder) + sum(_memory(folder, name) for name in BYTES_LIMITS)


def _times(rounds: int, folder: str) -> int:
    places = {"memory": memory(), "disk": tempfile.gettempdir()}
    cells = [(place, jobs) for place in places for jobs in (1, 2)]
    seconds: dict[tuple[str, int], list[float]] = {cell: [] for cell in cells}
    for _ in range(rounds):
        for place, jobs in cells:
            told = run(folder, places[place], "listed", jobs, ITEMS)
            seconds[place, jobs].append(told["seconds"])
    broken = 0
    for (place, jobs), found in seconds.items():
        limit = f", limit {SECONDS_LIMIT}" if place == "memory" else ""
        over = bool(limit) and median(found) > SECONDS_LIMIT
        broken += over
        verdict = ": TOO MUCH" if over else ""
        each = median(found) / ITEMS * 1e6
        print(
            f"{ITEMS} items, {jobs} job{'s' * (jobs > 1)}, {place:6} {median(found):6.2f} s, "
            f"{each:4.0f} us each{limit}{verdict}"
        )
    return broken


def _memory(folder: str, name: str) -> int:
    broken, limit = 0, BYTES_LIMITS[name]
    for jobs in (1, 2):
        found = [run(folder, memory(), name, jobs, items) for items in SIZES]
        for who in ("run", "worker")[:jobs]:
            peaks = [one[who] for one in found]
            growth = (peaks[-1] - peaks[0]) / (SIZES[-1] - SIZES[0])
            over = growth > limit
            broken += over
            shown = ", ".join(f"{peak / 2**20:.1f}" for peak in peaks)
            verdict = ": TOO MUCH" if over else ""
            print(
                f"peak of the {who}, {jobs} job{'s' * (jobs > 1)}: {shown} MiB for "
                f"{', '.join(map(str, SIZES))} items {name}; {growth:.0f} bytes an item, "
                f"limit {limit}{verdict}"
            )
    return broken


def run(folder: str, place: str, name: str, jobs: int, items: int) -> dict[str, float]:
    """Run a pipeline in a fresh process with a store of its own, and return what it tells."""
    store = tempfile.mkdtemp(dir=place)
    try:
        ended = subprocess.run(
            [sys.executable, "-c", RUN, store, name, str(jobs), str(items)],
            cwd=folder, env={**os.environ, "PYTHONPATH": path(folder), "PYTHONHASHSEED": "0"},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if ended.returncode:
            raise SystemExit(ended.stderr)
        told: dict[str, float] = json.loads(ended.stdout)
        return told
    finally:
        shutil.rmtree(store)


def path(folder: str) -> str:
    """Return a search path with the pipeline's folder first."""
    return os.pathsep.join([folder, *filter(None, [os.environ.get("PYTHONPATH")])])


SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - a folder made in it is our own


def memory() -> str:
    """Return a folder in memory, where the system has one."""
    return str(SHARED_MEMORY) if SHARED_MEMORY.is_dir() else tempfile.gettempdir()


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS) > 0)
