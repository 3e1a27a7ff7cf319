"""Two tasks read one, and one reads both."""

from dagger_providers import dag, task

DRAWING = "words -> (shout, count) -> report"


@task
def words(text: str) -> list[str]:
    return text.split()


@task
def shout(found: list[str]) -> str:
    return " ".join(found).upper()


@task
def count(found: list[str]) -> int:
    return len(found)


@task
def report(text: str, number: int) -> str:
    return f"{text} ({number})"


@dag
def diamond(text: str = "to be or not"):
    found = words(text)
    return report(shout(found), count(found))


PIPELINE = diamond
RUNS = [({}, "TO BE OR NOT (4)"), ({"text": ""}, " (0)")]
