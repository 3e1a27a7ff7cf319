"""Equal calls of tasks with a cache, in order: the second ones take what the first ones made."""

import secrets
from collections.abc import Iterator
from pathlib import Path

from dagger_providers import dag, task

DRAWING = "token -> [square], pieces, tree -> (after) -> the same again -> show"
PLAIN = "RuntimeError: square 0 runs twice"


def once(folder: str, token: str, what: str) -> None:
    """Fail when it is called twice in one run."""
    mark = Path(folder) / f"{token}-{what}"
    if mark.exists():
        raise RuntimeError(f"{what} runs twice")
    mark.touch()


@task
def token() -> str:
    return secrets.token_hex(8)


@task(cache=True)
def square(folder: str, token: str, x: int) -> int:
    once(folder, token, f"square {x}")
    return x * x


@task(cache="pieces, version 1")
def pieces(folder: str, token: str, n: int) -> Iterator[str]:
    once(folder, token, "pieces")
    yield from (f"piece {number}" for number in range(n))


@task(cache=True)
def tree(folder: str, token: str) -> Path:
    once(folder, token, "tree")
    place = Path(folder) / f"{token}-tree.d"
    (place / "inner").mkdir(parents=True)
    (place / "a.txt").write_text("a")
    (place / "inner" / "b.txt").write_text("b")
    return place


@task
def show(squares: list[int], again: list[int], one: list[str], other: Iterator[str]) -> list[str]:
    return [f"{squares} {again}", f"{one} {list(other)}"]


@task
def names(one: Path, other: Path) -> list[str]:
    return sorted(
        f"{file.relative_to(place)} {file.read_text()}"
        for place in (one, other)
        for file in place.rglob("*.txt")
    )


@dag
def cached(folder: str, xs: list[int]):
    run = token()
    squares = [square(folder, run, x) for x in xs]
    one, files = pieces(folder, run, 2), tree(folder, run)
    again = [square.options(after=squares)(folder, run, x) for x in xs]
    other = pieces.options(after=one)(folder, run, 2)
    return {
        "shown": show(squares, again, one, other),
        "names": names(files, tree.options(after=files)(folder, run)),
    }


_EXPECTED = {
    "shown": ["[0, 9] [0, 9]", "['piece 0', 'piece 1'] ['piece 0', 'piece 1']"],
    "names": ["a.txt a", "a.txt a", "inner/b.txt b", "inner/b.txt b"],
}

PIPELINE = cached
RUNS = [({"folder": "SCRATCH", "xs": [0, 3]}, _EXPECTED)]
