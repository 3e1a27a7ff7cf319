"""Pipelines with operators of Airflow's own."""

from dataclasses import dataclass
from pathlib import Path

from dagger_providers import dag, loop, task
from dagger_providers.airflow import airflow_operator

BASH = "airflow.providers.standard.operators.bash.BashOperator"


@dataclass
class Model:
    name: str
    score: float


@airflow_operator(BASH, bash_command="echo {{ inputs.word }}-{{ run_id[:6] }}")
def say(word: str) -> str:
    return f"{word}-manual"


def said_by_a_script(word: str) -> str:
    return f"{word} of a file"


@airflow_operator(
    "native_operators.Echo", value="{{ inputs.n }}", render_template_as_native_obj=True
)
def echo(n: int) -> int:
    return n


@airflow_operator("native_operators.Echo", value=[1, 2, 3])
def numbers() -> list[int]:
    return [1, 2, 3]


@airflow_operator("native_operators.Echo", value={"name": "m", "score": 0.5})
def model() -> Model:
    return Model("m", 0.5)


@airflow_operator("native_operators.Echo", value="many")
def wrong() -> int:
    return 1


@airflow_operator("native_operators.Fail", message="no\nway", retries=0)
def broken() -> None:
    return None


@airflow_operator(BASH, stand_in=False, bash_command="true")
def only_there() -> None:
    """Do what nothing else can."""


@airflow_operator(BASH, bash_command="echo {{ inputs.record.status }} > {{ params.log }}")
def note(record: dict) -> None:
    Path(record["parameters"]["log"]).write_text(record["status"] + "\n")


@task
def double(x: int) -> int:
    return 2 * x


@task
def total(values: list[int]) -> int:
    return sum(values)


@task
def joined(words: list[str], model: Model) -> str:
    return " ".join([*words, model.name])


@dag
def words(word: str = "a b"):
    first = say(word)
    return joined([first, say.options(name="again", after=[first])("c")], model())


@dag
def looped():
    return total([echo(double(x)) for x in numbers()])


@dag
def mistyped():
    return double(wrong())


@dag(on_failure=note)
def failing(log: str):
    broken()


@airflow_operator("native_operators.Echo", value=1)
def one_of(n: int) -> int:
    return 1


@dag
def linked_each():
    return [one_of(n) for n in numbers()]


@airflow_operator("native_operators.Linked")
def linked() -> None:
    """Have links that depend on the task."""


@dag
def by_property():
    linked()


@dag
def bare():
    only_there()


@task
def turn(x: int) -> dict:
    return {"x": x + 1, "done": x > 1}


@dag
def inner(x: int):
    return {"x": echo(x), "done": turn(x)["done"]}


@dag
def repeated():
    return loop(inner, until="done", max_iterations=3)(x=1)["x"]


@dag
def tolerant():
    return total([echo.options(allow_failure=True)(x) for x in numbers()])


@dag
def said():
    return say("hello")
