"""Results of the outer and of the inner loop in one list."""

from dagger_providers import dag, task

DRAWING = "xs -> [a, split -> [b], c] -> join"


@task
def a(x: str) -> str:
    return f"a{x}"


@task
def split(x: str) -> list[str]:
    return list(x)


@task
def b(x: str, whole: str) -> str:
    return f"{x}<{whole}"


@task
def join(values: list[str]) -> str:
    return " ".join(values)


@dag
def mixed_levels(xs: list[str]):
    out = []
    for x in xs:
        first = a(x)
        out.append(first)
        for part in split(x):
            out.append(b(part, first))
        out.append(x)
    return join(out)


PIPELINE = mixed_levels
RUNS = [({"xs": ["mn", ""]}, "amn m<amn n<amn mn a ")]
