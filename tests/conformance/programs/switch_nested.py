"""A switch in a switch with one join after both, and three switches in a row."""

from dagger_providers import dag, switch, task

DRAWING = "sign -> (zero | (even | odd)) -> join; (a | b) -> (a | b) -> (a | b) -> join"


@task
def sign(n: int) -> str:
    return "zero" if n == 0 else "other"


@task
def is_odd(n: int) -> bool:
    return n % 2 == 1


@task
def zero(n: int) -> str:
    return f"zero {n}"


@task
def odd(n: int) -> str:
    return f"odd {n}"


@task
def even(n: int) -> str:
    return f"even {n}"


@task
def a(text: str) -> str:
    return f"a({text})"


@task
def b(text: str) -> str:
    return f"b({text})"


@task
def join(one: str, other: str) -> str:
    return f"{one} | {other}"


@dag
def parity(n: int):
    return switch(is_odd(n), {True: odd, False: even})(n)


@dag
def switch_nested(n: int, how: str):
    text = switch(sign(n), {"zero": zero, "other": parity})(n)
    row = text
    for letter in (how, "b", how):
        row = switch(letter, {"a": a, "b": b})(row)
    return join(text, row)


PIPELINE = switch_nested
RUNS = [
    ({"n": 0, "how": "a"}, "zero 0 | a(b(a(zero 0)))"),
    ({"n": 3, "how": "b"}, "odd 3 | b(b(b(odd 3)))"),
    ({"n": 4, "how": "a"}, "even 4 | a(b(a(even 4)))"),
]
