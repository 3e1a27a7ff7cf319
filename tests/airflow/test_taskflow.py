"""`@task.dagger` and `as_taskflow` in handwritten DAGs, by `dag.test()`."""

import functools
import sys
from pathlib import Path

import pytest

from dagger_providers.card.functions import load_file
from dagger_providers.errors import BuildError, CapabilityError, ModelError, UsageError

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def tasks():
    return load_file("handwritten_tasks.py", str(HERE))


@pytest.fixture(scope="session")
def frames():
    return load_file("handwritten_frames.py", str(HERE))


@pytest.fixture
def task(home, tmp_path):
    """`@task.dagger` with a store of the test's own."""
    from airflow.sdk import task

    def decorated(function, **options):
        return task.dagger(store=str(tmp_path / "store"), **options)(function)

    return decorated


@pytest.fixture
def seen(home):
    """What a plain task of Airflow's is given, by name."""
    from airflow.sdk import task

    found = {}

    @task
    def look(values):
        found.update({name: _listed(value) for name, value in values.items()})

    look.found = found
    return look


def _listed(value):
    return list(value) if type(value).__name__ == "LazyXComSequence" else value


def run(dag, **conf):
    from dagger_providers.airflow.testing import run_dag_test

    return run_dag_test(dag, conf)


def dag_of(name, **options):
    from airflow.sdk import DAG

    return DAG(name, schedule=None, **options)


def states(done):
    return {(one.task_id, one.map_index): one.state for one in done.tasks}


@pytest.mark.parametrize("n", [0, 1, 3])
def test_mapped_results_are_mapped_again_and_gathered(task, tasks, seen, n):
    with dag_of(f"mapped_{n}", render_template_as_native_obj=True) as dag:
        double = task(tasks.double)
        doubled = double.expand(x=task(tasks.numbers)("{{ dag_run.conf['n'] }}"))
        again = double.override(task_id="again").expand(x=doubled)
        total = task(tasks.total, trigger_rule="none_failed")(again)
        seen(dict(total=total))
    done = run(dag, n=n)

    assert (done.reason, done.state) == ("", "success")
    assert seen.found == {"total": 4 * sum(range(n))}
    assert [one.execution for one in done.tasks if one.task_id == "again" and n] == [
        f"again[{number}]" for number in range(n)
    ]


@pytest.mark.parametrize("of_results", [False, True])
def test_a_task_is_expanded_by_its_arguments_together(task, tasks, seen, of_results):
    from airflow.sdk import task as airflow_task

    given = [{"name": "a", "score": 2.0}, {"name": "bb"}]

    @airflow_task
    def listed():
        return given

    with dag_of(f"together_{of_results}") as dag:
        models = task(tasks.fit).expand_kwargs(listed() if of_results else given)
        seen(dict(best=task(tasks.best)(models)))
    done = run(dag)

    assert (done.reason, done.state) == ("", "success")
    assert seen.found == {"best": "a"}
    assert states(done)["fit", 1] == "success"


def test_tasks_in_a_mapped_task_group_read_each_other(task, tasks, seen):
    from airflow.sdk import task_group

    with dag_of("grouped") as dag:
        double = task(tasks.double)

        @task_group
        def each(x):
            return double.override(task_id="again")(double(x))

        doubled = each.expand(x=task(tasks.numbers)(3))
        seen(dict(total=task(tasks.total)(doubled)))
    done = run(dag)

    assert (done.reason, done.state) == ("", "success")
    assert seen.found == {"total": 4 * sum(range(3))}
    assert [one.execution for one in done.tasks if one.task_id == "each.again"] == [
        f"each.again[{number}]" for number in range(3)
    ]


def test_plain_tasks_and_ours_read_each_other(task, tasks, seen):
    from airflow.sdk import task as airflow_task

    @airflow_task
    def half(x):
        return x // 2

    with dag_of("mixed") as dag:
        pair = task(tasks.split)(half(task(tasks.double)(x=21)))
        seen(dict(low=pair["low"], pair=pair, year=task(tasks.year)("2026-01-31")))
    done = run(dag)

    assert (done.reason, done.state) == ("", "success")
    assert seen.found == {"low": 10, "pair": {"low": 10, "high": 11}, "year": 2026}


def test_what_json_cannot_say_travels_as_a_reference(task, tasks, frames, tmp_path):
    from airflow.sdk import task as airflow_task

    from dagger_providers.airflow import read_value

    found = {}

    @airflow_task
    def look(values):
        found.update(values)

    with dag_of("references") as dag:
        fit = task(tasks.fit)
        models = fit.partial(score=2).expand(name=["a", "bb"])
        table = task(frames.frame)(3)
        look(
            dict(
                fitted=fit.override(task_id="one")("c"),
                best=task(tasks.best)(models),
                rows=task(frames.rows)(table),
                table=table,
                letters=task(tasks.count)(task(tasks.letters)("aab")),
            )
        )
    done = run(dag)
    stores = [str(tmp_path / "store")]

    assert (done.reason, done.state) == ("", "success")
    assert found["best"] == "a"
    assert (found["rows"], found["letters"]) == (3, 2)
    assert found["fitted"].keys() == {"uri", "sha256", "serializer"}
    assert found["fitted"]["uri"].startswith(f"{done.folder}/nodes/one/attempt-")
    reread = read_value(found["fitted"], stores=stores, code_root=str(HERE))
    assert reread == tasks.Model("c", 1.0)
    assert list(read_value(found["table"], stores=stores)["x"]) == [0, 1, 2]


def test_a_list_of_what_json_cannot_say_is_mapped_by_references(task, tasks, frames, seen):
    with dag_of("lists") as dag:
        names = task(tasks.name_of).expand(model=task(tasks.models)(["a", "bb"]))
        rows = task(frames.rows).expand(frame=task(frames.frames)(3))
        lengths = task(tasks.length).expand(text=task(tasks.long_list)(2))
        seen(dict(names=names, rows=rows, lengths=lengths))
    done = run(dag)

    assert (done.reason, done.state) == ("", "success")
    assert seen.found == {"names": ["a", "bb"], "rows": [0, 1, 2], "lengths": [20_000] * 2}


def test_each_of_several_outputs_is_small_or_a_reference(task, tasks, seen):
    with dag_of("several") as dag:
        texts = task(tasks.long_texts)()
        seen(dict(length=task(tasks.length)(texts["b"]), a=texts["a"]))
    done = run(dag)

    assert (done.reason, done.state) == ("", "success")
    assert seen.found["length"] == 40_000
    assert seen.found["a"]["path"] == [["key", "a"]]


def test_a_failure_is_told_in_one_line_and_airflow_tries_again(task, tasks, tmp_path):
    log = tmp_path / "log"
    with dag_of("failures") as dag:
        task(tasks.double).expand(x=task(tasks.fails, retries=0).expand(x=[0, 1, 2]))
        task(tasks.fails_until, retries=1, retry_delay=0)(str(log), 2)
    done = run(dag)

    assert done.state == "failed"
    assert done.reason == "fails[1] failed: ValueError: no 1 please"
    assert states(done)["fails", 2] == "success"
    assert states(done)["fails_until", -1] == "success"
    assert log.read_text() == "xx"


def test_a_task_of_a_pipeline_keeps_its_own_retries(home, tasks, tmp_path):
    from dagger_providers.airflow import as_taskflow

    log = tmp_path / "log"
    with dag_of("own") as dag:
        tried = as_taskflow(tasks.own_retries, store=str(tmp_path / "store"))
        tried(str(log), 3)
    done = run(dag)

    assert (done.reason, done.state) == ("", "success")
    assert log.read_text() == "xxx"


def test_a_wrong_value_is_told_in_one_line_when_it_is_there(task, tasks):
    from airflow.sdk import task as airflow_task

    @airflow_task
    def word():
        return "two"

    with dag_of("wrong") as dag:
        task(tasks.double)(word())
    done = run(dag)

    assert done.reason == "double: argument 'x' of 'double' takes int; it is 'two'"


WRONG = {
    "a missing argument": (lambda f: f(), TypeError, "missing a required argument: 'x'"),
    "an unknown one": (lambda f: f(y=1), TypeError, "missing a required argument: 'x'"),
    "one too many": (lambda f: f(1, 2), TypeError, "too many positional arguments"),
    "an unknown one, mapped": (lambda f: f.expand(y=[1]), TypeError, "unexpected keyword .*'y'"),
    "another type": (lambda f: f("2"), UsageError, "'x' of 'double' takes int; it is '2'"),
    "no JSON": (lambda f: f(object()), UsageError, "argument 'x' of 'double' takes int; .*object"),
}


@pytest.mark.parametrize(("call", "kind", "said"), WRONG.values(), ids=WRONG)
def test_wrong_arguments_are_refused_when_the_file_is_parsed(task, tasks, call, kind, said):
    with dag_of("refused"), pytest.raises(kind, match=said):
        call(task(tasks.double))


def test_functions_that_cannot_be_run_so_are_refused(task, tasks, home):
    from dagger_providers import task as our_task
    from dagger_providers.airflow import as_taskflow

    def inner(x: int) -> int:
        return x

    with pytest.raises(CapabilityError, match="'inner' is defined inside a function"):
        task(inner)
    with pytest.raises(BuildError, match=r"Airflow fills by their names \(ds, ti\)"):
        task(_with_context)
    with pytest.raises(ModelError, match="has group, which only mean something in a pipeline"):
        as_taskflow(our_task(group="g")(tasks.double))
    with pytest.raises(UsageError, match="as_taskflow takes what"):
        as_taskflow(tasks.double)
    with pytest.raises(CapabilityError, match="'double' has no image to run in"):
        task(tasks.double, launcher="kubernetes")
    with pytest.raises(UsageError, match="no launcher 'rocket'"):
        task(tasks.double, launcher="rocket")


def _with_context(ds: str, ti: object = None) -> str:
    return ds


def test_a_reference_leads_into_known_stores_only(tmp_path, home):
    from dagger_providers.airflow import read_value

    away = {"uri": f"{tmp_path}/runs/x", "sha256": "0" * 64, "serializer": "pickle"}
    with pytest.raises(UsageError, match="leads out of the stores"):
        read_value(away)
    with pytest.raises(UsageError, match="leads out of the stores"):
        read_value({**away, "uri": f"{tmp_path}/runs/../x"}, stores=[str(tmp_path)])
    assert read_value([1, {"uri": "mine"}]) == [1, {"uri": "mine"}]


def test_connections_of_ui_stores_are_no_matter_of_our_tasks(task, tasks, seen, monkeypatch):
    from dagger_providers.airflow import DaggerStoreHook

    def get_connection(conn_id):
        raise AssertionError(f"{conn_id} is looked up")

    monkeypatch.setattr(DaggerStoreHook, "get_connection", staticmethod(get_connection))
    monkeypatch.setenv("AIRFLOW__DAGGER_PROVIDERS__UI_STORES", "team_b, team_c@s3://c/dagger")
    with dag_of("of_others") as dag:
        models = [task(tasks.fit)("a", 2.0), task(tasks.fit)("b")]
        seen(dict(total=task(tasks.total)([1, 2]), best=task(tasks.best)(models)))
    done = run(dag)

    assert (done.reason, done.state) == ("", "success")
    assert seen.found == {"total": 3, "best": "a"}


def test_a_reference_into_a_store_that_a_process_cannot_open_is_refused(
    task, tasks, guarded, monkeypatch
):
    from airflow.sdk import task as airflow_task

    monkeypatch.setenv("AIRFLOW__DAGGER_PROVIDERS__UI_STORES", guarded.conn_id)
    place = f"{guarded.uri}/runs/airflow/d/r/nodes/x/attempt-1/return_value.pkl"

    @airflow_task
    def elsewhere():
        return [{"uri": place, "sha256": "0" * 64, "serializer": "pickle"}]

    with dag_of("elsewhere") as dag:
        task(tasks.best)(elsewhere())
    done = run(dag)

    assert done.state == "failed"
    assert f"best: a reference to {place!r} leads out of the stores (" in done.reason
    assert done.reason.endswith(
        "; name its store in [dagger_providers] ui_stores, by URI alone for @task.dagger"
    )


def test_the_launcher_is_chosen_by_argument_or_configuration(home, tasks, monkeypatch):
    from airflow.sdk import task

    given = {"launcher": "kubernetes", "image": "pipelines:1", "store": "s3://b/runs"}
    with dag_of("launchers"):
        by_argument = task.dagger(**given, namespace="jobs")(tasks.double)(1).operator
        by_process = task.dagger(tasks.double)(1).operator
        overridden = task.dagger(**given)(tasks.double).override(image="pipelines:2")(1).operator
    for name in ("launcher", "image"):
        monkeypatch.setenv(f"AIRFLOW__DAGGER_PROVIDERS__{name.upper()}", given[name])
    monkeypatch.setenv("AIRFLOW__DAGGER_PROVIDERS__STORE_URI", given["store"])
    with dag_of("configured"):
        configured = task.dagger(tasks.double)(1).operator

    from dagger_providers.airflow import DaggerPodOperator, DaggerProcessOperator

    assert isinstance(by_argument, DaggerPodOperator)
    assert (by_argument.image, by_argument.namespace) == ("pipelines:1", "jobs")
    assert isinstance(by_process, DaggerProcessOperator)
    assert overridden.image == "pipelines:2"
    assert isinstance(configured, DaggerPodOperator)
    assert configured.image == "pipelines:1"


@pytest.fixture
def cluster():
    """A Kubernetes API whose pods are processes that find the functions as an image would."""
    fake = load_file("fake_kubernetes.py", str(HERE))
    environment = {"PYTHONPATH": ":".join([str(HERE), *sys.path]), "PATH": "/usr/bin:/bin"}
    with fake.FakeKubernetes(environment) as cluster:
        yield cluster


def test_arguments_of_pods_are_those_of_the_operator(task, tasks):
    from kubernetes.client import models as k8s

    pods = {"launcher": "kubernetes", "image": "pipelines:1"}
    with dag_of("arguments"):
        made = task(tasks.double, env_vars=[k8s.V1EnvVar("A", "1")], **pods)(1).operator
        with pytest.raises(
            UsageError, match="task 'double__1' is given cmds, but the node command"
        ):
            task(tasks.double, cmds=["x"], **pods)(1)

    assert [one.name for one in made.env_vars] == ["A"]


def test_pods_give_results_and_failures_as_processes_do(task, tasks, seen, cluster, tmp_path):
    pods = {
        "launcher": "kubernetes",
        "image": "pipelines:1",
        "config_file": cluster.kubeconfig(tmp_path),
        "in_cluster": False,
        "kubernetes_conn_id": None,
        "namespace": "jobs",
    }
    with dag_of("pods") as dag:
        doubled = task(tasks.double, **pods).expand(x=task(tasks.numbers, **pods)(2))
        seen({"doubled": doubled, "fitted": task(tasks.fit, **pods)("a")})
        task(tasks.fails, **pods)(1)
    done = run(dag)

    assert done.reason == "fails failed: ValueError: no 1 please"
    assert seen.found["doubled"] == [0, 2]
    assert seen.found["fitted"].keys() == {"uri", "sha256", "serializer"}
    assert len(cluster.created) == 5


def test_what_is_a_task_of_airflow_already_is_refused_in_few_words(task, tasks, home):
    from airflow.sdk import task as of_airflow

    from dagger_providers.airflow import as_taskflow

    plain = of_airflow(tasks.double)
    for made in (task(tasks.double), as_taskflow(tasks.own_retries), plain):
        with pytest.raises(UsageError, match="is a task of Airflow already") as caught:
            task(made)
        assert len(str(caught.value)) < 120
    with pytest.raises(BuildError, match="takes a plain Python function, not") as caught:
        task(functools.partial(tasks.double, "x" * 1000))
    assert len(str(caught.value)) < 160
