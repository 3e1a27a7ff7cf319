"""Order without data: across loops, into a branch, into a group and around a repetition."""

from pathlib import Path
from tempfile import mkdtemp

from dagger_providers import dag, loop, switch, task

DRAWING = (
    "[note] -> (after) -> (look | other) -> (after) -> {note, note} -> (after) -> (turns) -> look"
)


@task
def fresh(scratch: str) -> str:
    """Return a folder of this run alone."""
    return mkdtemp(dir=scratch)


@task
def note(folder: str, name: str) -> None:
    (Path(folder) / name).touch()


@task
def look(folder: str) -> list[str]:
    return sorted(file.name for file in Path(folder).iterdir())


@task
def other(folder: str) -> list[str]:
    return []


@task
def turn(folder: str, n: int) -> dict[str, object]:
    found = len(list(Path(folder).iterdir()))
    note(folder, f"turn-{n}")
    return {"n": n + 1, "done": n == 1, "found": found}


@dag
def after_across(scratch: str, names: list[str], how: str):
    folder = fresh(scratch)
    noted = [note.options(name="note-each")(folder, name) for name in names]
    seen = switch(how, {"look": look, "other": other}, after=noted)(folder)
    first = note.options(group="pair", name="left", after=seen)(folder, "left")
    second = note.options(group="pair", name="right", after=first)(folder, "right")
    turned = loop(turn, after=[first, second])(folder, 0)
    return {
        "seen": seen,
        "turns": turned["found"],
        "looked": [look.options(after=turned)(folder) for _ in names],
    }


_ALL = ["a", "b", "left", "right", "turn-0", "turn-1"]

PIPELINE = after_across
RUNS = [
    (
        {"scratch": "SCRATCH", "names": [], "how": "other"},
        {"seen": [], "turns": 3, "looked": []},
    ),
    (
        {"scratch": "SCRATCH", "names": ["a", "b"], "how": "look"},
        {"seen": ["a", "b"], "turns": 5, "looked": [_ALL, _ALL]},
    ),
]
