"""An operator of Airflow's own, in a loop and after it; its stand-in runs on the others."""

from dagger_providers import dag, task
from dagger_providers.airflow import airflow_operator

DRAWING = "words -> [BashOperator] -> joined -> BashOperator -> length"


@task
def words(count: int) -> list[str]:
    return ["flow", "dag", "task"][:count]


@airflow_operator(
    "airflow.providers.standard.operators.bash.BashOperator",
    bash_command="printf '%s' '{{ inputs.word | upper }}'",
)
def shout(word: str) -> str:
    return word.upper()


@task
def joined(parts: list[str]) -> str:
    return "-".join(parts)


@task
def length(text: str) -> int:
    return len(text)


@dag
def native_operator(count: int):
    loud = [shout(word) for word in words(count)]
    last = shout(joined(loud))
    return {"loud": loud, "length": length(last)}


PIPELINE = native_operator
RUNS = [
    ({"count": count}, {"loud": loud, "length": length_})
    for count, loud, length_ in [
        (0, [], 0),
        (1, ["FLOW"], 4),
        (3, ["FLOW", "DAG", "TASK"], 13),
    ]
]
