"""An item of a loop raises an exception that takes five arguments; what comes after never runs."""

from dagger_providers import dag, task

DRAWING = "parts -> [decode: one fails] -> [after] -> join"


@task
def parts() -> list[str]:
    return ["00", "ff", "41"]


@task
def decode(part: str) -> str:
    return bytes.fromhex(part).decode()


@task
def after(text: str, everything: list[str]) -> str:
    return text


@task
def join(values: list[str]) -> str:
    return "".join(values)


@dag
def raises_in_an_item():
    texts = [decode(part) for part in parts()]
    return join([after(text, texts) for text in texts])


PIPELINE = raises_in_an_item
PARAMETERS = {}
NODE = "decode[1]"
TYPE = "UnicodeDecodeError"
MESSAGE = "'utf-8' codec can't decode byte 0xff in position 0: invalid start byte"
TRACEBACK = "return bytes.fromhex(part).decode()"
NEVER = ("after", "join")
