"""JSON values keep their exact type, their order and every bit."""

from typing import Any

from dagger_providers import dag, task

DRAWING = "make -> same -> types; [parameter] -> types"

VALUES: dict[str, Any] = {
    "z": 2**53 + 1,
    "a": -(10**30),
    "float": 2.0,
    "small": 5e-324,
    "tenth": 0.1,
    "minus zero": -0.0,
    "none": None,
    "true": True,
    "one": 1,
    "": "",
    "text": 'a\u0000\u2028\U0001f409 "quotes" \\ \n\ttab {{ braces }} $(x) %s',
    "10": [1, 1.0, True, "1", None, [], {}],
    "9": {"b": 1, "a": 2},
}


@task
def make() -> dict[str, Any]:
    return VALUES


@task
def same(values: dict[str, Any]) -> dict[str, Any]:
    return values


@task
def types(value: Any) -> str:
    if isinstance(value, dict):
        return ",".join(f"{key}:{type(item).__name__}" for key, item in value.items())
    return type(value).__name__


@dag
def exact(value: Any, values: list[Any]):
    found = same(make())
    return {
        "found": found,
        "types": types(found),
        "zero": found["minus zero"],
        "one": types(found["10"][1]),
        "value": same(value),
        "items": [types(item) for item in values],
        "values": values,
    }


_NAMES = (
    "z:int,a:int,float:float,small:float,tenth:float,minus zero:float,none:NoneType,true:bool,"
    "one:int,:str,text:str,10:list,9:dict"
)

PIPELINE = exact
RUNS = [
    (
        {"value": VALUES, "values": [1.0, 2**53 + 1, True, None]},
        {
            "found": VALUES,
            "types": _NAMES,
            "zero": -0.0,
            "one": "float",
            "value": VALUES,
            "items": ["float", "int", "bool", "NoneType"],
            "values": [1.0, 2**53 + 1, True, None],
        },
    )
]
