"""Two tasks read one, and one reads both; a parameter has a default."""

from kfp import dsl
from oracle.components import function

PROGRAM = "diamond"


@function
def words(text: str) -> list: ...


@function
def shout(found: list) -> str: ...


@function
def count(found: list) -> int: ...


@function
def report(text: str, number: int) -> str: ...


@dsl.pipeline(name="diamond")
def pipeline(text: str = "to be or not"):
    found = words(text=text)
    report(text=shout(found=found.output).output, number=count(found=found.output).output)
