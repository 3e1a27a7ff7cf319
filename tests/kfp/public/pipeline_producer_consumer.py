"""Pipelines that get lists which loops collected, and hand on lists that loops in them collect."""

from public_catalog import Run

from dagger_providers import dag, task

UPSTREAM = "pipeline_producer_consumer"
CONTAINERS = (4, 4)
DIFFERS = "a nested pipeline is no unit of order: tasks wait only for what they read of it"


@task
def double(num: int) -> int:
    return 2 * num


@task
def add(nums: list[list[int]]) -> int:
    return sum(map(sum, nums))


@task
def repeat(text: str) -> str:
    return text


@task
def join(texts: list[str]) -> str:
    return "".join(texts)


@dag
def doubled(num: int):
    return double(num)


@dag
def added(nums: list[list[int]], letters: list[str]):
    return {"sum": add(nums), "letters": [repeat(letter) for letter in letters]}


@dag
def doubles(outer: list[int], inner: list[int]):
    return [[doubled(x) for x in inner] for _ in outer]


@dag
def pipeline_producer_consumer():
    found = added(doubles([1, 2], [1, 2, 3]), ["m", "a", "x"])
    return {"sum": found["sum"], "word": join(found["letters"])}


PIPELINE = pipeline_producer_consumer
RUNS = [Run(gives={"sum": 24, "word": "max"})]
