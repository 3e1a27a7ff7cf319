"""What a loop in a loop gives, collected outside both, by a task and as the pipeline's output."""

from public_catalog import Run

from dagger_providers import dag, task

UPSTREAM = "nested_with_parameters"
CONTAINERS = (4, 4)


@task
def double(num: int) -> int:
    return 2 * num


@task
def add_two(x: int, y: int) -> int:
    return x + y


@task
def add(nums: list[list[int]]) -> int:
    return sum(map(sum, nums))


@dag
def sums(xs: list[int], ys: list[int]):
    return [[add_two(double(x), double(y)) for y in ys] for x in xs]


@dag
def nested_with_parameters():
    found = sums([1, 2], [1, 3])
    return {"sums": found, "total": add(found)}


PIPELINE = nested_with_parameters
RUNS = [Run(gives={"sums": [[4, 8], [6, 10]], "total": 28})]
