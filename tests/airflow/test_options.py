"""What `runtime_options` and the arguments of `to_airflow` say, and what is refused of it."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from dagger_providers import DAG, Task, dag
from dagger_providers.airflow.refusals import check
from dagger_providers.errors import CapabilityError, UsageError
from dagger_providers.planning import plan
from dagger_providers.planning.capabilities import Deployment

PODS = {"launcher": "kubernetes", "image": "pipelines:1", "store": "s3://bucket/runs"}


@pytest.fixture
def to_airflow(home):
    from dagger_providers.airflow import to_airflow

    return to_airflow


@pytest.fixture
def scheduled(to_airflow, serialization):
    """Make a pipeline's DAG as Airflow's scheduler reads it from the database."""

    def scheduled(model, **arguments):
        document = serialization.to_dict(to_airflow(model, **arguments))
        return serialization.from_dict(json.loads(json.dumps(document)))

    return scheduled


def of_task(**options):
    return DAG({"t": Task("m:f", runtime_options={"airflow": options})}, name="p")


def of_pipeline(**options):
    return DAG({"t": Task("m:f")}, name="p", runtime_options={"airflow": options})


def told_by_check(model, launcher="process"):
    return [str(r) for r in check(model, plan(model), Deployment(launcher, "s3://b/r", "i"))]


WRONG_OF_TASKS = {
    "deferrable": ("no", "expected true or false, got 'no'"),
    "depends_on_past": (1, "expected true or false, got 1"),
    "durable": ("no", "expected true or false, got 'no'"),
    "env_vars": (["A=1"], "expected a mapping of texts, or a list of mappings as in a manifest"),
    "execution_timeout": ([1], "[1] is no duration"),
    "executor_config": ("a", "expected a mapping, got 'a'"),
    "hostnetwork": ("no", "expected true or false, got 'no'"),
    "image_pull_policy": ("always", "expected one of Always, IfNotPresent, Never, got 'always'"),
    "mem_limit": (True, "expected a number of bytes, or a text such as '64m', got True"),
    "max_active_tis_per_dag": (0, "expected a whole number from 1, got 0"),
    "node_selector": ({"a": 1}, "expected a mapping of texts, got {'a': 1}"),
    "on_finish_action": ("keep", "expected one of delete_pod, delete_succeeded_pod, delete_activ"),
    "pool": (3, "expected a text, got 3"),
    "pool_slots": (0, "expected a whole number from 1, got 0"),
    "priority_weight": (1.5, "expected a whole number, got 1.5"),
    "queue": (["a"], "expected a text, got ['a']"),
    "retries": ("2", "expected a whole number from 0, got '2'"),
    "secrets": (["s"], "expected a list of {'deploy_type': 'env' or 'volume', 'deploy_target': "),
    "skip_on_exit_code": ("99", "expected an exit status, or a list of them, got '99'"),
    "startup_timeout_seconds": ("1h", "expected a whole number from 0, got '1h'"),
    "volumes": ({"name": "v"}, "expected a list of mappings, as in a manifest, got {'name': 'v'"),
    "weight_rule": ("bogus", "expected one of absolute, downstream, upstream, or the import path"),
}


@pytest.mark.parametrize(("name", "value", "said"), [(n, *v) for n, v in WRONG_OF_TASKS.items()])
def test_a_value_that_a_task_does_not_take(to_airflow, name, value, said):
    told = f"airflow: task 't': option {name!r}: {said}"

    with pytest.raises(CapabilityError) as refused:
        to_airflow(of_task(**{name: value}))
    assert str(refused.value).startswith(told)
    assert told_by_check(of_task(**{name: value})) == [str(refused.value)]


WRONG_OF_PIPELINES = {
    "access_control": ({"reader": "can_read"}, "expected a mapping of roles to lists of permissio"),
    "catchup": ("no", "expected true or false, got 'no'"),
    "default_args": (["pool"], "expected a mapping, got ['pool']"),
    "fail_fast": ("no", "expected true or false, got 'no'"),
    "is_paused_upon_creation": (0, "expected true or false, got 0"),
    "max_active_runs": ("1", "expected a whole number from 0, got '1'"),
    "owner_links": (3, "expected a mapping of owners to links, https://... or mailto:..., got 3"),
    "schedule": ("not a cron", "expected an expression of cron such as '0 6 * * *', '@daily' or "),
    "start_date": (3, "3 is no date"),
    "tags": ("abc", "expected a list of texts of up to 100 characters, got 'abc'"),
}


@pytest.mark.parametrize(
    ("name", "value", "said"), [(n, *v) for n, v in WRONG_OF_PIPELINES.items()]
)
def test_a_value_that_a_dag_does_not_take(to_airflow, name, value, said):
    told = f"airflow: pipeline 'p': option {name!r}: {said}"

    with pytest.raises(CapabilityError) as refused:
        to_airflow(of_pipeline(**{name: value}))
    assert str(refused.value).startswith(told)
    assert told_by_check(of_pipeline(**{name: value})) == [str(refused.value)]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("tags", [3]),
        ("tags", ["t" * 101]),
        ("owner_links", {"ada": "here"}),
        ("schedule", 3),
        ("schedule", "0 25 * * *"),
        ("schedule", "@sometimes"),
    ],
)
def test_other_values_that_a_dag_does_not_take(to_airflow, name, value):
    with pytest.raises(CapabilityError, match=f"pipeline 'p': option '{name}': expected"):
        to_airflow(of_pipeline(**{name: value}))


@pytest.mark.parametrize(
    ("name", "value"), [("tags", "abc"), ("catchup", "no"), ("schedule", "not a cron")]
)
def test_what_the_caller_gives_is_checked_too(to_airflow, name, value):
    with pytest.raises(CapabilityError, match=f"pipeline 'p': option '{name}': expected"):
        to_airflow(of_pipeline(), **{name: value})


def test_default_args_of_the_caller_are_checked_as_far_as_they_are_known(to_airflow):
    other = {"poke_interval": "?", "email": ["a@b"], "retry_delay": timedelta(seconds=7)}
    made = to_airflow(of_pipeline(), default_args={**other, "on_failure_callback": None})

    assert made.task_dict["t"].retry_delay == timedelta(seconds=7)
    with pytest.raises(CapabilityError, match=r"option 'default_args\.retries': expected a whole"):
        to_airflow(of_pipeline(), default_args={"retries": "2"})


@pytest.mark.parametrize(
    "schedule",
    [
        None, "@once", "@continuous", "@daily", "@quarterly", "@midnight", "*/5 6-8 * * MON",
        "* * * * * 0",
    ],
)  # fmt: skip
def test_schedules_that_airflow_takes(scheduled, schedule):
    asked = of_pipeline(schedule=schedule, max_active_runs=1)

    found = scheduled(asked).timetable
    found.validate()
    assert found.can_be_scheduled == (schedule is not None)


# Airflow refuses it of these two as well, in words of its own.
@pytest.mark.parametrize("schedule", ["@daily", "@once", "@continuous"])
def test_catchup_says_since_when(to_airflow, schedule):
    asked = of_pipeline(schedule=schedule, catchup=True, max_active_runs=1)

    with pytest.raises(CapabilityError) as refused:
        to_airflow(asked)
    assert str(refused.value) == (
        "airflow: pipeline 'p': option 'catchup' asks for the runs since 'start_date', and there "
        "is none; give a start_date such as '2026-01-31', or leave catchup out"
    )
    assert told_by_check(asked) == [str(refused.value)]
    dated = to_airflow(asked, start_date=datetime(2026, 1, 31, tzinfo=UTC))
    assert dated.catchup


@pytest.mark.parametrize("given", [["words"], {"words": "pool"}, "words"])
def test_task_args_of_another_shape(to_airflow, flows, given):
    with pytest.raises(UsageError) as refused:
        to_airflow(flows.chain, task_args=given)

    assert str(refused.value) == (
        "task_args takes options by task id, such as {'words': {'pool': 'small'}}, not "
        f"{given!r:.80}"
    )


def test_default_args_of_another_shape(to_airflow, flows):
    with pytest.raises(CapabilityError, match="option 'default_args': expected a mapping, got 3"):
        to_airflow(flows.chain, default_args=3)


OF_TASKS = {
    "depends_on_past": True,
    "execution_timeout": ("1h30m", timedelta(minutes=90)),
    "executor": "LocalExecutor",
    "map_index_template": "{{ index }}",
    "max_active_tis_per_dag": 2,
    "max_active_tis_per_dagrun": 3,
    "max_retry_delay": ("2h", timedelta(hours=2)),
    "owner": "ada",
    "pool": "small",
    "pool_slots": 2,
    "priority_weight": 7,
    "queue": "gpu",
    "retries": 5,
    "retry_delay": (90, timedelta(seconds=90)),
    "wait_for_downstream": True,
}


@pytest.mark.parametrize("name", OF_TASKS)
def test_an_option_reaches_the_schedulers_task(scheduled, name):
    value = OF_TASKS[name]
    asked, expected = value if isinstance(value, tuple) else (value, value)

    assert getattr(scheduled(of_task(**{name: asked})).task_dict["t"], name) == expected
    by_default = of_pipeline(default_args={name: asked})
    assert getattr(scheduled(by_default).task_dict["t"], name) == expected


@pytest.mark.parametrize("rule", ["absolute", "downstream", "upstream"])
def test_a_weight_rule_reaches_the_schedulers_task(scheduled, rule):
    found = scheduled(of_task(weight_rule=rule)).task_dict["t"].weight_rule

    assert rule in type(found).__name__.lower() or found == rule


def test_a_mapped_task_has_its_options(scheduled, flows):
    asked = {"double": {"pool": "small", "pool_slots": 2, "queue": "gpu", "depends_on_past": True}}
    found = scheduled(flows.mapped, task_args=asked).task_dict["double"]

    assert (found.pool, found.pool_slots, found.queue) == ("small", 2, "gpu")
    assert found.depends_on_past


OF_PIPELINES = {
    "catchup": True,
    "dag_display_name": "A flow",
    "dagrun_timeout": ("1h", timedelta(hours=1)),
    "doc_md": "A *flow*.",
    "end_date": ("2030-01-31", datetime(2030, 1, 31, tzinfo=UTC)),
    "fail_fast": True,
    "is_paused_upon_creation": True,
    "max_active_runs": 2,
    "max_active_tasks": 3,
    "max_consecutive_failed_dag_runs": 4,
    "owner_links": {"ada": "https://example.com/ada"},
    "start_date": ("2026-01-31", datetime(2026, 1, 31, tzinfo=UTC)),
    "tags": (["a", "b"], {"a", "b"}),
}


@pytest.mark.parametrize("name", OF_PIPELINES)
def test_an_option_reaches_the_schedulers_dag(scheduled, name):
    value = OF_PIPELINES[name]
    asked, expected = value if isinstance(value, tuple) else (value, value)
    found = getattr(scheduled(of_pipeline(**{name: asked})), name)

    assert (set(found) if isinstance(expected, set) else found) == expected


def test_who_may_read_a_dag_reaches_it(scheduled):
    asked = of_pipeline(access_control={"reader": {"DAGs": ["can_read"]}})

    assert {"can_read"} == set(scheduled(asked).access_control["reader"]["DAGs"])


def _timetables():
    try:
        from airflow.sdk import CronTriggerTimetable, DeltaDataIntervalTimetable
    except ImportError:  # Airflow 3.1
        from airflow.timetables.interval import DeltaDataIntervalTimetable
        from airflow.timetables.trigger import CronTriggerTimetable

    return [
        CronTriggerTimetable("0 6 * * *", timezone="Europe/Berlin"),
        DeltaDataIntervalTimetable(timedelta(hours=6)),
        timedelta(hours=6),
    ]


@pytest.mark.parametrize("number", range(3))
def test_a_timetable_of_airflows_starts_a_dag(scheduled, number):
    given = _timetables()[number]
    found = scheduled(of_pipeline(), schedule=given).timetable

    assert found.can_be_scheduled
    if number == 0:
        assert found.summary == "0 6 * * *"


def test_a_schedule_of_assets_beside_times_starts_a_dag(scheduled):
    from airflow.sdk import Asset

    try:
        from airflow.sdk import AssetOrTimeSchedule, CronTriggerTimetable
    except ImportError:  # Airflow 3.1
        from airflow.timetables.assets import AssetOrTimeSchedule
        from airflow.timetables.trigger import CronTriggerTimetable

    given = AssetOrTimeSchedule(
        timetable=CronTriggerTimetable("0 6 * * *", timezone="UTC"), assets=[Asset("s3://b/a")]
    )
    found = scheduled(of_pipeline(), schedule=given).timetable

    assert type(found).__name__ == "AssetOrTimeSchedule"


EVERYWHERE = {
    "kubernetes": {"node_selector": {"pool": "spot"}, "service_account_name": "runner"},
    "airflow": {"default_args": {"namespace": "jobs", "deferrable": True, "retry_delay": "10m"}},
}


def of_pods(own=None, options=EVERYWHERE):
    tasks = {"t": Task("m:f"), "u": Task("m:f", runtime_options=own or {})}
    return DAG(tasks, name="p", runtime_options=options)


def test_options_of_pods_of_a_pipeline_are_those_of_all_its_pods(to_airflow):
    own = {"kubernetes": {"hostname": "u"}, "airflow": {"deferrable": False}}
    tasks = to_airflow(of_pods(own), **PODS).task_dict

    assert [tasks[n].node_selector for n in "tu"] == [{"pool": "spot"}] * 2
    assert [tasks[n].service_account_name for n in "tu"] == ["runner", "runner"]
    assert [tasks[n].namespace for n in "tu"] == ["jobs", "jobs"]
    assert [tasks[n].deferrable for n in "tu"] == [True, False]
    assert tasks["t"].retry_delay == timedelta(minutes=10)
    assert tasks["t"].retries == 2


def test_what_the_caller_gives_goes_before_what_the_pipeline_asks_of_pods(to_airflow):
    given = {"namespace": "mine", "service_account_name": "other"}
    task = to_airflow(of_pods(), **PODS, default_args=given).task_dict["t"]

    assert (task.namespace, task.service_account_name) == ("mine", "other")
    assert task.deferrable
    assert task.node_selector == {"pool": "spot"}


CREDENTIALS = {
    "affinity": {"podAffinity": {}},
    "image_pull_secrets": [{"name": "registry"}],
    "labels": {"team": "a", "kind": "any"},
    "node_selector": {"pool": "spot"},
    "service_account_name": "runner",
    "volume_mounts": [{"name": "keys", "mountPath": "/keys"}],
    "volumes": [{"name": "keys", "secret": {"secretName": "keys"}}],
}
DATA = {
    "affinity": {"nodeAffinity": {}},
    "image_pull_secrets": [{"name": "mirror"}],
    "labels": {"kind": "big"},
    "node_selector": {"disk": "ssd"},
    "volume_mounts": [
        {"name": "keys", "mountPath": "/keys"}, {"name": "data", "mountPath": "/data"}
    ],
    "volumes": [
        {"name": "keys", "secret": {"secretName": "keys"}}, {"name": "data", "emptyDir": {}}
    ],
}  # fmt: skip


@pytest.mark.parametrize("runtime", ["kubernetes", "airflow"])
def test_lists_and_mappings_of_a_pipelines_pods_are_beside_a_tasks_own(
    to_airflow, monkeypatch, runtime
):
    from airflow.providers.cncf.kubernetes.hooks.kubernetes import KubernetesHook

    # It would ask a cluster's configuration.
    monkeypatch.setattr(KubernetesHook, "is_in_cluster", False)
    model = of_pods({runtime: DATA}, {"kubernetes": CREDENTIALS})
    task = to_airflow(model, **PODS).task_dict["u"]
    pod = task.build_pod_request_obj()

    assert [one.name for one in pod.spec.volumes] == ["keys", "data"]
    assert [one.name for one in pod.spec.containers[0].volume_mounts] == ["keys", "data"]
    assert [one.name for one in pod.spec.image_pull_secrets] == ["registry", "mirror"]
    assert pod.spec.node_selector == {"pool": "spot", "disk": "ssd"}
    assert (pod.metadata.labels["team"], pod.metadata.labels["kind"]) == ("a", "big")
    assert pod.spec.affinity.pod_affinity is None
    assert pod.spec.service_account_name == "runner"


def test_objects_of_a_task_are_beside_its_pipelines_data(to_airflow):
    from kubernetes.client import models as k8s

    own = {"u": {"volumes": [k8s.V1Volume(name="data")], "tolerations": None}}
    model = of_pods(options={"kubernetes": {**CREDENTIALS, "tolerations": [{"key": "gpu"}]}})
    task = to_airflow(model, **PODS, task_args=own).task_dict["u"]

    assert [one.name for one in task.volumes] == ["keys", "data"]
    assert not task.tolerations


def test_options_of_pods_do_not_reach_containers(to_airflow):
    model = of_pods({"airflow": {"labels": {"kind": "big"}}}, {"kubernetes": CREDENTIALS})
    task = to_airflow(model, **PODS | {"launcher": "container"}).task_dict["u"]

    assert task.labels == {"kind": "big"}


def test_mapped_pods_and_hooks_have_the_pipelines_options(to_airflow, flows):
    @dag(runtime_options=EVERYWHERE, on_exit=flows.hear)
    def flow(n: int = 2):
        return [flows.double(x) for x in flows.numbers(n)]

    tasks = to_airflow(flow, **PODS).task_dict
    (hook,) = (task for task in tasks.values() if task.is_teardown)
    mapped = tasks["double"].unmap({"index": "0"})

    assert hook.node_selector == mapped.node_selector == {"pool": "spot"}
    assert (mapped.namespace, mapped.deferrable) == ("jobs", True)


def test_options_of_pods_of_a_pipeline_mean_nothing_to_a_process(to_airflow):
    made = to_airflow(of_pods())

    assert made.task_dict["t"].retry_delay == timedelta(minutes=10)
    assert "namespace" not in made.default_args


def test_a_model_that_was_written_down_keeps_its_options(to_airflow):
    from dagger_providers.model import dumps, loads

    task = to_airflow(loads(dumps(of_pods())), **PODS).task_dict["t"]

    assert (task.namespace, task.service_account_name) == ("jobs", "runner")


def test_a_task_group_has_the_options_of_its_pipelines_pods(home):
    from airflow.sdk import DAG as AIRFLOW_DAG

    from dagger_providers.airflow import as_task_group

    with AIRFLOW_DAG("d", schedule=None) as made:
        as_task_group(of_pods(), "g", **PODS)()
    task = made.task_dict["g.t"]

    assert (task.namespace, task.node_selector) == ("jobs", {"pool": "spot"})


WRONG_EVERYWHERE = {
    "unknown": (
        {"kubernetes": {"no_such_option": 1}},
        "pipeline 'p': runtime_options['kubernetes'] has no 'no_such_option'; known: active_dead",
    ),
    "of no pod": (
        {"kubernetes": {"deferrable": True}},
        "pipeline 'p': runtime_options['kubernetes'] has no 'deferrable'; known: active_deadline",
    ),
    "wrong": (
        {"kubernetes": {"node_selector": "spot"}},
        "pipeline 'p': option 'node_selector': expected a mapping of texts, got 'spot'; see docs",
    ),
    "unknown default": (
        {"airflow": {"default_args": {"nothing": 1}}},
        "pipeline 'p': runtime_options['airflow']['default_args'] has no 'nothing'; known: activ",
    ),
    "a default of one task": (
        {"airflow": {"default_args": {"outlets": []}}},
        "pipeline 'p': runtime_options['airflow']['default_args'] has no 'outlets'; known: activ",
    ),
    "wrong default": (
        {"airflow": {"default_args": {"deferrable": "no"}}},
        "pipeline 'p': option 'default_args.deferrable': expected true or false, got 'no'; see d",
    ),
}


@pytest.mark.parametrize("launcher", ["process", "kubernetes"])
@pytest.mark.parametrize(("options", "said"), WRONG_EVERYWHERE.values(), ids=WRONG_EVERYWHERE)
def test_wrong_options_of_all_pods_are_refused_whatever_launches(home, options, said, launcher):
    (told,) = told_by_check(of_pods(options=options), launcher)

    assert told.startswith(f"airflow: {said}")


def test_options_of_pods_of_a_nested_pipeline_are_refused(to_airflow):
    options = {"kubernetes": {"service_account_name": "runner"}}
    inner = DAG({"t": Task("m:f")}, name="i", runtime_options=options)

    with pytest.raises(CapabilityError, match="nested pipeline 'n' has options of a DAG or of pod"):
        to_airflow(DAG({"n": inner}))


@pytest.mark.parametrize("target", ["argo", "kfp"])
def test_shared_options_of_pods_have_the_same_names_on_other_targets(target):
    from importlib import import_module

    from dagger_providers.airflow.known_options import KUBERNETES, SHARED_POD

    if target == "argo":
        theirs = import_module("dagger_providers.argo.options").POD.keys()
    else:
        theirs = import_module("dagger_providers.kfp.pods").PodOptions.model_fields.keys()

    assert theirs & KUBERNETES.keys() == theirs
    assert theirs <= SHARED_POD.keys()


def test_every_option_stands_in_the_docs():
    from pathlib import Path

    from dagger_providers.airflow.known_options import DAG as OF_DAGS
    from dagger_providers.airflow.known_options import KUBERNETES, TASK

    page = (Path(__file__).parents[2] / "docs" / "airflow.md").read_text(encoding="utf-8")

    assert [name for name in {**TASK, **OF_DAGS, **KUBERNETES} if f"`{name}`" not in page] == []
