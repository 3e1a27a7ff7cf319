"""Options of one call: its name, what it runs after, and limits; never the function's arguments."""

from pathlib import Path

from dagger_providers import dag, task

DRAWING = "write-it -> (nothing is read) -> look -> show; [look-again -> (after) -> show-1]"


@task(timeout="30s", resources={"cpu": "500m", "memory": "256Mi"})
def write(folder: str, name: str) -> None:
    Path(folder).mkdir(parents=True, exist_ok=True)
    (Path(folder) / name).write_text(name)


@task
def look(folder: str) -> list[str]:
    return sorted(file.name for file in Path(folder).iterdir())


@task
def show(found: list[str], name: str, after: int, retries: int) -> str:
    return f"{found} {name} {after} {retries}"


@dag
def options(folder: str):
    one = write.options(name="write-it")(folder, "one")
    two = write.options(retries=1)(folder, "two")
    found = look.options(after=[one, two], timeout=30)(folder)
    for x in found:
        first = look.options(name="look-again")(folder)
        show.options(after=first)([x], x, after=0, retries=0)
    return show.options(name="show")(found, name="mine", after=1, retries=7)


PIPELINE = options
RUNS = [({"folder": "SCRATCH"}, "['one', 'two'] mine 1 7")]
