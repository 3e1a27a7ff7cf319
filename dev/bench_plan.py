"""Plan pipelines of 100 to 10,000 nodes: loops, switches, nested pipelines, groups."""

import argparse
import gc
import sys
import time
from statistics import median

from dagger_providers import dag, switch, task
from dagger_providers.dsl import DagFunction
from dagger_providers.model import DAG
from dagger_providers.planning import plan

LIMIT, SIZES = 0.3, (100, 1_000, 10_000)
GROWTH = 1.5
"""Ten times the nodes may cost this many times ten times as much."""


@task
def items(text: str) -> list[str]:
    """Any list."""
    return list(text)


@task
def step(text: str) -> str:
    """Any step."""
    return text


@task
def join(texts: list[str]) -> str:
    """Any reducer."""
    return "".join(texts)


@dag
def branch(text: str):
    """Two nodes in a pipeline."""
    return step(step(text))


def chains(size: int) -> DagFunction[..., str]:
    """One long chain after another."""

    @dag
    def made(text: str = "a"):
        ends = []
        for _ in range(size // 100):
            value = text
            for _ in range(99):
                value = step(value)
            ends.append(value)
        return join(ends)

    return made


def shapes(size: int) -> DagFunction[..., str]:
    """Blocks of ten nodes: a loop of two steps, a switch with a pipeline, a group, a reducer."""

    @dag
    def made(text: str = "a"):
        value = text
        for block in range(size // 10):
            found = items(value)
            mapped = [step(step(one)) for one in found]
            chosen = switch(join(mapped), {"a": branch}, default=step)(value)
            member = step.options(group=f"group-{block}")
            value = step(member(member(chosen)))
        return value

    return made


def seconds(dag: DAG) -> float:
    """CPU time of planning once; what others left behind is not its affair."""
    gc.collect()
    started = time.process_time()
    plan(dag)
    return time.process_time() - started


def main() -> int:
    """Measure, print, and return 1 when planning is too slow or not linear."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="at least 5")
    rounds = max(5, parser.parse_args().rounds)
    good = True
    for shape in (chains, shapes):
        models = {size: shape(size).build() for size in SIZES}
        times: dict[int, list[float]] = {size: [] for size in SIZES}
        for _ in range(rounds):
            for size, model in models.items():
                times[size].append(seconds(model))
        found = {size: median(values) for size, values in times.items()}
        shown = ", ".join(f"{size:,} nodes {value:.3f} s" for size, value in found.items())
        ratio = found[10_000] / found[1_000]
        print(f"{shape.__name__}: CPU {shown}; 10,000 cost {ratio:.1f} times 1,000")
        good = good and found[1_000] < LIMIT and ratio < 10 * GROWTH
    print(f"limits: 1,000 nodes {LIMIT} s, growth {10 * GROWTH:.0f} times; ok: {good}")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
