"""A pipeline in a loop, and a second loop over its results: run ``examples/nested.py:orbits``."""

from dagger_providers import dag, task


@task
def collatz(start: int) -> list[int]:
    """Halve even numbers, triple odd ones and add one, until one is reached."""
    numbers = [start]
    while numbers[-1] != 1:
        numbers.append(3 * numbers[-1] + 1 if numbers[-1] % 2 else numbers[-1] // 2)
    return numbers


@task
def measure(numbers: list[int]) -> dict[str, int]:
    """Give two results, to be taken by key."""
    return {"steps": len(numbers) - 1, "peak": max(numbers)}


@task
def bar(start: int, steps: int) -> str:
    """Draw a line."""
    return f"{start:3} " + "#" * steps


@dag
def orbit(start: int) -> dict[str, int]:
    """A pipeline of its own: run it alone, or call it in another."""
    return measure(collatz(start))


@dag
def orbits(starts: tuple[int, ...] = (3, 7, 9, 6)) -> dict[str, object]:
    """Measure the orbit of each start, then draw its steps."""
    measures = [orbit(start) for start in starts]
    bars = [bar(start, one["steps"]) for start, one in zip(starts, measures, strict=True)]
    return {"bars": bars, "peaks": [one["peak"] for one in measures]}


if __name__ == "__main__":
    print(*orbits.run().outputs["bars"], sep="\n")
