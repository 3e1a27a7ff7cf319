"""A pipeline called for every item of a loop, and a second loop over the first one's results."""

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
    """Give two results; a pipeline takes them apart by key."""
    return {"steps": len(numbers) - 1, "peak": max(numbers)}


@task
def bar(start: int, steps: int) -> str:
    """Draw one line."""
    return f"{start:3} " + "#" * steps


@dag
def flight(start: int):
    """A pipeline of its own: run it alone, or call it in another."""
    return measure(collatz(start))


@dag
def flights(starts: tuple[int, ...] = (3, 7, 9, 6)):
    """Measure the flight of each start, then draw the steps."""
    measures = [flight(start) for start in starts]
    bars = [bar(start, one["steps"]) for start, one in zip(starts, measures, strict=True)]
    return {"peaks": [one["peak"] for one in measures], "bars": bars}


if __name__ == "__main__":
    print(*flights.run().outputs["bars"], sep="\n")
