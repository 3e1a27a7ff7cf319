"""An exception of the program's own class, which its arguments do not rebuild."""

from dagger_providers import dag, task

DRAWING = "check (fails) -> use"


class Rejected(Exception):  # noqa: N818 - a name of the program's
    def __init__(self, row: int, *, because: str) -> None:
        super().__init__(f"row {row} is rejected:\n  {because} \u2014 'quoted' \"twice\"")
        self.row = row


@task
def check(rows: list[int]) -> list[int]:
    try:
        return [1 // row for row in rows]
    except ZeroDivisionError as error:
        raise Rejected(rows.index(0), because="\u96f6") from error


@task
def use(rows: list[int]) -> int:
    return sum(rows)


@dag
def raises_its_own(rows: list[int]):
    return use(check(rows))


PIPELINE = raises_its_own
PARAMETERS = {"rows": [3, 0]}
NODE = "check"
TYPE = "conformance.failing.raises_its_own.Rejected"
MESSAGE = "row 1 is rejected:\n  \u96f6 \u2014 'quoted' \"twice\""
TRACEBACK = "The above exception was the direct cause of the following exception"
NEVER = ("use",)
