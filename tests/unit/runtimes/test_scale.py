"""A loop's time grows with its length, and its memory does not."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from unit.runtimes import pipelines

PEAK = """
import resource, sys
sys.path[:0] = sys.argv[2:]
from unit.runtimes.pipelines import weighed

weighed.run(n=2, size=10, store=sys.argv[1])
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
run = weighed.run(store=sys.argv[1])
assert run.outputs["return_value"] == sum(255 - n for n in range(40))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


@pytest.mark.slow
def test_a_map_and_a_streaming_reducer_hold_one_item(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", PEAK, str(tmp_path), *sys.path],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    assert int(ended.stdout) < 30_000  # kilobytes, of 40 items of 5 MB


def seconds(name: str, tmp_path: Path, **parameters: object) -> float:
    started = time.process_time()
    getattr(pipelines, name).run(store=tmp_path, **parameters)
    return time.process_time() - started


@pytest.mark.slow
@pytest.mark.parametrize("name", ["doubled", "gathered_twice", "changed_items"])
def test_time_grows_with_the_length_of_a_loop(name: str, tmp_path: Path) -> None:
    seconds(name, tmp_path, n=10)
    small = seconds(name, tmp_path, n=100)
    large = seconds(name, tmp_path, n=800)
    assert large < 16 * small
