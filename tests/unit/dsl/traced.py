"""Tasks whose results tell how they were made, so that equal results mean equal pipelines."""

from __future__ import annotations

from typing import Any

from dagger_providers import task


@task
def a(x: Any) -> str:
    return f"a({x})"


@task
def b(x: Any) -> str:
    return f"b({x})"


@task
def c(x: Any) -> str:
    return f"c({x})"


@task
def pair(x: Any, y: Any) -> str:
    return f"({x} {y})"


@task
def triple(x: Any, y: Any, z: Any) -> str:
    return f"({x} {y} {z})"


@task
def join(values: list[Any]) -> str:
    return f"[{' '.join(map(str, values))}]"


@task
def once() -> str:
    return "once"


@task
def split(x: Any) -> list[str]:
    """Return one to three parts: how many depends on the text."""
    return [f"{x}.{n}" for n in range(1 + len(str(x)) % 3)]


@task
def letters(count: int) -> list[str]:
    return [f"l{n}" for n in range(count)]


@task
def record(x: Any) -> dict[str, Any]:
    return {"name": f"n({x})", "parts": [f"{x}-p{n}" for n in range(2)], "deep": {"k": f"k({x})"}}


@task
def same(values: list[Any]) -> list[Any]:
    return values


@task
def scale(x: Any, *, factor: int = 2, label: str = "s") -> str:
    return f"{label}{factor}({x})"


@task
def keywords(x: Any, **options: Any) -> str:
    shown = " ".join(f"{name}={value}" for name, value in options.items())
    return f"keywords({x} {shown})"
