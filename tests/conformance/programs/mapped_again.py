"""The results of one loop are looped over again, after a barrier and without one."""

from dagger_providers import dag, task

DRAWING = "xs -> [a] -> join; [a] -> [b(a, joined)] -> [c] -> join"


@task
def a(x: str) -> str:
    return f"a({x})"


@task
def join(values: list[str]) -> str:
    return "+".join(values)


@task
def b(x: str, everything: str) -> str:
    return f"b({x} of {everything})"


@task
def c(x: str) -> str:
    return f"c({x})"


@dag
def mapped_again(xs: list[str]):
    first = [a(x) for x in xs]
    everything = join(first)
    second = [b(x, everything) for x in first]
    return join([c(x) for x in second])


PIPELINE = mapped_again
RUNS = [
    ({"xs": []}, ""),
    ({"xs": ["x", "y"]}, "c(b(a(x) of a(x)+a(y)))+c(b(a(y) of a(x)+a(y)))"),
]
