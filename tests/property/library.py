"""Tasks for generated pipelines: each result tells how it was made, and in which order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import Any, TypedDict

from dagger_providers import task

called: Counter[str] = Counter()
"""How often each task ran in this process with the same arguments."""


def _told(name: str, *parts: Any) -> str:
    """Count a call, and return a text that no other call with other arguments returns."""
    text = f"{name}({' '.join(map(_shown, parts))})"
    called[text] += 1
    if len(text) <= 60:
        return text
    return f"{text[:30]}..{sha256(text.encode()).hexdigest()[:8]}"


def _shown(part: Any) -> str:
    return f"[{' '.join(map(_shown, part))}]" if isinstance(part, list) else str(part)


def _number(text: str) -> int:
    return sum(text.encode())


# To a text


@task
def once() -> str:
    return _told("once")


@task
def a(x: str) -> str:
    return _told("a", x)


@task
def b(x: str) -> str:
    return _told("b", x)


@task
def c(x: str, *, label: str = "l") -> str:
    return _told("c", label, x)


@task
def pair(x: str, y: str) -> str:
    return _told("pair", x, y)


@task
def swap(x: str, y: str) -> str:
    return _told("swap", y, x)


@task
def triple(x: str, y: str, z: str) -> str:
    return _told("triple", x, y, z)


@task
def tag(x: str, n: int) -> str:
    return _told("tag", x, n)


@task
def flagged(x: str, flag: bool) -> str:
    return _told("flagged", x, flag)


@task
def join(x: list[str]) -> str:
    return _told("join", x)


@task
def drain(x: Iterable[str]) -> str:
    return _told("drain", list(x))


@task
def show(x: list[list[str]]) -> str:
    return _told("show", x)


# To what a switch can select by


@task
def number(x: str) -> int:
    """Return 0, 1 or 2."""
    _told("number", x)
    return _number(x) % 3


@task
def flag(x: str) -> bool:
    _told("flag", x)
    return _number(x) % 2 == 0


@task
def kind(x: str) -> str:
    """Return p, q or r."""
    _told("kind", x)
    return "pqr"[_number(x) % 3]


@task
def kinds(x: list[str]) -> list[str]:
    _told("kinds", x)
    return ["pqr"[_number(item) % 3] for item in x]


# To lists


@task
def split(x: str) -> list[str]:
    """Return no, one or two parts."""
    told = _told("split", x)
    return [f"{told}.{n}" for n in range(_number(told) % 3)]


@task
def emit(x: str) -> Iterator[str]:
    told = _told("emit", x)
    for n in range(_number(told) % 4):
        yield f"{told}.{n}"


@task
def same(x: list[str]) -> list[str]:
    _told("same", x)
    return x


@task
def flip(x: list[str]) -> list[str]:
    _told("flip", x)
    return x[::-1]


@task
def tail(x: list[str]) -> list[str]:
    _told("tail", x)
    return x[1:]


@task
def rows(x: list[str]) -> list[list[str]]:
    """Return one row shorter than the other."""
    _told("rows", x)
    return [x[n:] for n in range(len(x))]


@task
def turned(x: list[list[str]]) -> list[list[str]]:
    _told("turned", x)
    return x[::-1]


@task
def flat(x: list[list[str]]) -> list[str]:
    _told("flat", x)
    return [item for row in x for item in row]


# To mappings, whose common keys are `PARTS` in programs.py


@task
def record(x: str) -> dict[str, Any]:
    return _record(_told("record", x))


@task
def entry(x: str) -> dict[str, Any]:
    return _record(_told("entry", x))


def _record(told: str) -> dict[str, Any]:
    return {
        "name": told,
        "parts": [f"{told}.{n}" for n in range(_number(told) % 3)],
        "kind": "pqr"[_number(told) % 3],
        "deep": {"two": [f"{told}:0", f"{told}:1"]},
    }


# Bodies of repetitions, and what ends them


@task
def grow(text: str, step: int = 0) -> dict[str, Any]:
    told = _told("grow", text, step)
    return {"text": told, "step": step + 1, "done": step >= _number(text) % 3}


class Climbed(TypedDict):
    """What `climb` gives: each key is kept on its own."""

    text: str
    rest: list[str]
    done: bool


@task
def climb(text: str, rest: list[str]) -> Climbed:
    told = _told("climb", text, rest[:1])
    return {"text": told, "rest": rest[1:], "done": len(rest) <= 1}


@task
def patchy(text: str, step: int = 0) -> dict[str, Any]:
    """Give a text in every second turn only."""
    told = _told("patchy", text, step)
    return {"step": step + 1, "done": step == 3, **({"text": told} if step % 2 else {})}


@task
def more(n: int) -> int:
    _told("more", n)
    return n + 1


@task
def enough(n: int, most: int = 1) -> bool:
    _told("enough", n, most)
    return n >= most
