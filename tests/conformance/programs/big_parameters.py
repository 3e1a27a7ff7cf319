"""Parameters too long for a command line or a label."""

from dagger_providers import dag, task

DRAWING = "words -> [length] -> total"


@task
def length(word: str) -> int:
    return len(word)


@task
def total(values: list[int], text: str) -> list[int]:
    return [sum(values), len(text)]


@dag
def big_parameters(words: list[str], text: str):
    return total([length(word) for word in words], text)


PIPELINE = big_parameters
RUNS = [({"words": ["x" * 20_000, "y"], "text": "z" * 100_000}, [20_001, 100_000])]
