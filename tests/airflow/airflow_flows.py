"""Pipelines that the Airflow tests run: one for each shape, small enough to read in a drawing."""

import os
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp
from typing import Annotated

from pydantic import AfterValidator

from dagger_providers import dag, switch, task


@dataclass
class Model:
    name: str
    score: float


@task
def one() -> int:
    return 1


@task
def numbers(n: int) -> list[int]:
    return list(range(n))


@task
def stream(n: int) -> Iterator[int]:
    yield from range(n)


@task
def double(x: int) -> int:
    return 2 * x


@task
def add(x: int, y: int) -> int:
    return x + y


@task
def total(values: list[int]) -> int:
    return sum(values)


@task
def totals(values: list[list[int]]) -> list[int]:
    return [sum(row) for row in values]


@task
def fit(x: int, name: str) -> Model:
    return Model(name, float(x))


@task
def names(models: list[Model]) -> list[str]:
    return [model.name for model in models]


@dag
def chain(n: int = 2):
    """double >> double"""
    return double(double(n))


@dag
def mapped(n: int = 2):
    """numbers >> double* >> total"""
    return total([double(x) for x in numbers(n)])


@dag
def mapped_stream(n: int = 2):
    """stream >> double* >> total"""
    return total([double(x) for x in stream(n)])


@dag
def steps(values: list[int] = [1, 2], name: str = "m"):  # noqa: B006 - read, never changed
    """(double >> fit)* >> names"""
    models = []
    for x in values:
        models.append(fit(double(x), name))
    return names(models)


@dag
def two_maps(n: int = 2, m: int = 3):
    """numbers >> double* >> total; numbers >> (add of total)* >> total"""
    low = total([double(x) for x in numbers(n)])
    return total([add(low, y) for y in numbers(m)])


@dag
def table(rows: int = 2, columns: int = 3):
    """numbers >> (numbers >> add*)* >> totals >> total"""
    grid = []
    for x in numbers(rows):
        row = []
        for y in numbers(columns):
            row.append(add(x, y))
        grid.append(row)
    return total(totals(grid))


@dag
def ragged(rows: int = 3):
    """(numbers of each >> double*)* >> totals"""
    grid = []
    for x in numbers(rows):
        grid.append([double(y) for y in numbers(x)])
    return totals(grid)


@dag
def inner(x: int):
    """double >> add"""
    return add(double(x), x)


@dag
def inner_loop(n: int):
    """numbers >> double* >> total"""
    return total([double(x) for x in numbers(n)])


@dag
def nested(n: int = 3):
    """inner >> inner_loop"""
    return inner_loop(inner(n))


@dag
def mapped_nested(n: int = 3):
    """(double >> inner)*, then (inner_loop)* >> total"""
    before = [inner(double(x)) for x in numbers(n)]
    return total([inner_loop(x) for x in before])


@task(retries=2)
def always_fails(x: int, log: str) -> int:
    with Path(log).open("a") as tries:
        tries.write(f"{x}\n")
    if x == 1:
        raise ValueError(f"no {x}\n  please")
    return x


@dag
def failing(log: str, n: int = 3):
    """(always_fails >> double)* >> total"""
    return total([double(always_fails(x, log)) for x in numbers(n)])


@dag
def failing_alone(log: str):
    """always_fails"""
    return always_fails(1, log)


@task
def talks() -> int:
    print("what the user prints")  # noqa: T201 - what this is about
    return 1


@dag
def talking():
    """talks"""
    return talks()


@task(runtime_options={"airflow": {"retries": 1, "retry_delay": 0}})
def crashes_once(marker: str) -> str:
    if not Path(marker).exists():
        Path(marker).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return "done"


@dag
def crashing(marker: str):
    """crashes_once"""
    return crashes_once(marker)


@task(resources={"memory": "64Mi"})
def dies() -> int:
    os.kill(os.getpid(), signal.SIGKILL)
    return 1


@dag
def sudden():
    """dies"""
    return dies()


@task
def leaves(x: int) -> int:
    if x == 1:
        os._exit(0)
    return x


@dag
def leaving():
    """leaves"""
    return leaves(1)


@dag
def leaving_in_a_loop(n: int):
    """leaves*"""
    return [leaves(x) for x in numbers(n)]


@task(runtime_options={"airflow": {"retries": 0, "execution_timeout": 2}})
def sleeps(pid: str) -> int:
    Path(pid).write_text(str(os.getpid()))
    time.sleep(300)
    return 0


@dag
def sleeping(pid: str):
    """sleeps"""
    return sleeps(pid)


@task
def sleeps_once(pid: str) -> int:
    if not Path(pid).exists():
        Path(pid).write_text(str(os.getpid()))
        time.sleep(300)
    return 1


@dag
def sleeping_once(pid: str):
    """sleeps_once"""
    return sleeps_once(pid)


@task(env={"GREETING": "hello {{ ds }}"}, resources={"cpu": "500m", "memory": "1Gi"})
def surroundings(text: str) -> dict[str, str]:
    return {
        "seed": os.environ["PYTHONHASHSEED"],
        "greeting": os.environ["GREETING"],
        "text": text,
    }


@dag
def environment(text: str = "{{ run_id }} {% raw %}"):
    """surroundings"""
    return surroundings(text)


@task
def written(rate: float, counts: list[int]) -> str:
    return f"{rate} {counts}"


@dag
def rates(rate: float, counts: list[int] = [1], name: str = "n"):  # noqa: B006 - read only
    """written, written of each count"""
    return {"all": written(rate, counts), "each": [add(count, 1) for count in counts]}


def even(n: int) -> int:
    if n % 2:
        raise ValueError(f"{n} is odd")
    return n


@dag
def even_only(n: Annotated[int, AfterValidator(even)]):
    """double, of what a validator takes"""
    return double(n)


@task
def echo(value: str, more: str) -> str:
    return value + more


@dag
def long_values(value: str):
    """echo of a long parameter and a long literal"""
    return echo(value, "x" * 20_000)


@task
def checked(x: int) -> int:
    if x < 0:
        raise ValueError(f"{x} is negative")
    return x


@dag
def some_fail(values: list[int]):
    """checked* >> total"""
    return total([checked(x) for x in values])


@task
def invert(number: int) -> float:
    return 1 / number


@task
def gather(values: list[float]) -> list[float]:
    return values


@task
def hear(record: dict) -> None:
    assert record["run_id"].startswith("airflow/")


@task
def break_(record: dict) -> None:
    raise RuntimeError("a hook broke")


@dag(on_success=hear, on_failure=hear, on_exit=hear)
def hooked(numbers: list[int]):
    return gather([invert(number) for number in numbers])


@dag(on_success=break_, on_failure=break_, on_exit=hear)
def hook_fails(numbers: list[int]):
    return gather([invert(number) for number in numbers])


@dag(on_failure=hear, on_exit=hear)
def each(number: int):
    return invert(number)


@dag(on_failure=hear)
def nested_hooks(numbers: list[int]):
    return gather([each(number) for number in numbers])


@task
def write_slowly(log: str) -> int:
    time.sleep(1)
    Path(log).write_text("slow")
    return 1


@task
def append(record: dict) -> None:
    with Path(record["parameters"]["log"]).open("a") as file:
        file.write(", then the hook")


@dag(on_exit=append)
def hook_after_slow(log: str):
    return gather([invert(0), write_slowly(log)])


EVIL = "<img src=x onerror='top.hacked=1'><script>top.hacked=1</script>"


@task
def say(text: str) -> dict[str, str]:
    return {text: text}


@task
def write_page(text: str) -> Path:
    path = Path(mkdtemp()) / "page.html"
    path.write_text(f"<p>a page</p>{text}")
    return path


@task
def break_with(text: str) -> int:
    raise ValueError(text)


@dag
def hostile(text: str = EVIL):
    """say, write_page, break_with; say if EVIL"""
    chosen = switch(text, {EVIL: say, "other": say})(text)
    return {"said": say(text), "page": write_page(text), "n": break_with(text), "c": chosen}


RAW, MODEL = "s3://lake/raw", "s3://lake/model"


@task(runtime_options={"airflow": {"outlets": {"return_value": MODEL}, "inlets": [RAW]}})
def learn(n: int) -> list[int]:
    """Learn a model.

    It is no good one, which
    its **score** shows.
    """
    return [n, 1]


@dag(runtime_options={"airflow": {"schedule": {"any": [RAW, {"all": ["a", "b"]}]}}})
def learning(n: int = 2):
    """Learn, and
    add up.

    Args:
        n: How often.
    """
    return total(learn(n))


@task(
    runtime_options={"airflow": {"outlets": {"return_value": "dagger://learning-each/learn-one"}}}
)
def learn_one(x: int) -> int:
    return 2 * x


@dag
def learning_each(n: int = 3):
    return total([learn_one(x) for x in numbers(n)])


@dag
def learning_each_told(n: int = 3):
    return [learn(x) for x in numbers(n)]


@dag
def sums(n: int = 2):
    """Learn, and
    add up."""
    return total(learn(n))


@dag
def learning_inside():
    return sums()


@task(runtime_options={"airflow": {"outlets": [MODEL]}})
def learn_nothing(n: int) -> int:
    raise ValueError(n)


@dag
def learning_fails(n: int = 1):
    return learn_nothing(n)


def note(context):
    """Note what Airflow calls us for, in the file that the run was given."""
    ti = context.get("ti")
    with Path(context["params"]["log"]).open("a") as log:
        log.write(f"{ti.task_id} {ti.state.value}\n" if ti else f"{context['dag_run'].state}\n")


def note_run(context):
    """Note what became of a run."""
    run = context["dag_run"]
    with Path(run.conf["log"]).open("a") as log:
        log.write(f"{run.dag_id} {run.state}\n")


async def late(**_):
    """Say that a run is late."""


HERE = "airflow_flows.py:note"


@task(
    runtime_options={
        "airflow": {
            "retries": 0,
            "on_execute_callback": HERE,
            "on_failure_callback": [HERE],
            "on_success_callback": HERE,
        }
    }
)
def alarm(n: int, log: str) -> int:
    if n:
        raise ValueError(n)
    return n


@dag(
    runtime_options={
        "airflow": {
            "on_failure_callback": HERE,
        }
    }
)
def alarmed(n: int = 0, log: str = "log"):
    return alarm(n, log)


LATE = {"after": "queued", "interval": "1h", "callback": "airflow_flows:late"}


@dag(runtime_options={"airflow": {"deadline": LATE}})
def hurried():
    return one()
