from kfp import dsl
from oracle.components import function


@function
def text(value: str | None = None) -> str: ...


@function
def number(value: int | None = None) -> int: ...


@function
def flag(value: bool | None = None) -> bool: ...


@dsl.pipeline
def nested(
    text_1: str = "default 1",
    text_2: str = "default 2",
    number_1: int = 0,
    number_2: int = 0,
    flag_1: bool = False,
    flag_2: bool = False,
):
    for component, values in (
        (text, (text_1, text_2)),
        (number, (number_1, number_2)),
        (flag, (flag_1, flag_2)),
    ):
        for value in values:
            component(value=value)


@dsl.pipeline
def pipeline():
    nested(text_1="given", number_1=1, flag_1=True)
