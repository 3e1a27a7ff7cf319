"""A loop over a task's output, and a list of its results: how often each word is in a text."""

from collections import Counter
from collections.abc import Iterator

from dagger_providers import dag, task


@task
def lines(text: str) -> Iterator[str]:
    """Give one item per line; only the run knows how many."""
    yield from text.splitlines()


@task
def count(line: str) -> dict[str, int]:
    """Count the words of one line; each line is an execution of its own."""
    return dict(Counter(line.lower().split()))


@task
def total(counts: list[dict[str, int]], at_least: int) -> dict[str, int]:
    """Add up; ``counts`` has one entry per line, in the order of the lines."""
    sums = sum(map(Counter, counts), Counter())
    return {word: number for word, number in sums.most_common() if number >= at_least}


@dag
def word_count(text: str = "the cat and the dog\nthe dog", at_least: int = 2) -> dict[str, int]:
    """Count words line by line."""
    return total([count(line) for line in lines(text)], at_least)


if __name__ == "__main__":
    print(word_count.run().outputs["return_value"])
