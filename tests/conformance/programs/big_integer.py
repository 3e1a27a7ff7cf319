"""A whole number that a float cannot hold, as a parameter."""

from dagger_providers import dag, task

DRAWING = "n -> follow"
REFUSED = {"kfp": "KFP rounds whole numbers beyond 2**53"}


@task
def follow(n: int) -> int:
    return n + 1


@dag
def big_integer(n: int):
    return {"next": follow(n), "same": n}


PIPELINE = big_integer
RUNS = [({"n": 2**53 + 1}, {"next": 2**53 + 2, "same": 2**53 + 1})]
