"""The DAG that a pipeline becomes, looked at without running it."""

import json
import os
import subprocess
import sys
from datetime import date, timedelta
from enum import Enum
from pathlib import Path
from typing import Literal

import pytest
from pydantic import BaseModel

from dagger_providers import DAG, FromParam, Task, dag, task
from dagger_providers.errors import CapabilityError, UsageError


@pytest.fixture
def to_airflow(home):
    from dagger_providers.airflow import to_airflow

    return to_airflow


@pytest.fixture
def serialized(serialization):
    return lambda dag: serialization.to_dict(dag)["dag"]


def test_task_ids_are_addresses_and_nested_pipelines_are_task_groups(to_airflow, flows):
    dag = to_airflow(flows.nested)

    assert set(dag.task_ids) == {
        "inner.double",
        "inner.add",
        "inner-loop.numbers",
        "inner-loop.double",
        "inner-loop.total",
    }
    assert set(dag.task_group_dict) == {"inner", "inner-loop"}
    assert dag.task_dict["inner-loop.total"].upstream_task_ids == {"inner-loop.double"}


def test_one_step_of_a_loop_is_a_mapped_task_several_are_a_mapped_task_group(to_airflow, flows):
    from airflow.sdk.definitions.mappedoperator import MappedOperator
    from airflow.sdk.definitions.taskgroup import MappedTaskGroup

    one = to_airflow(flows.mapped)
    several = to_airflow(flows.steps)

    assert isinstance(one.task_dict["double"], MappedOperator)
    assert list(one.task_group_dict) == []
    (group,) = several.task_group_dict.values()
    assert isinstance(group, MappedTaskGroup)
    assert set(group.children) == {"double", "fit"}


def test_a_pipeline_in_a_mapped_task_group_is_a_group_in_it(to_airflow, flows):
    dag = to_airflow(flows.mapped_nested)
    shown = {key: group.label for key, group in dag.task_group_dict.items()}
    children = dag.task_group_dict["_each_numbers"].children

    assert list(children) == ["double", "_in_inner", "_in_inner-loop"]
    assert list(children["_in_inner"].children) == ["inner.double", "inner.add"]
    assert shown == {
        "_each_numbers": "for each numbers",
        "_in_inner": "inner",
        "_in_inner-loop": "inner-loop",
        "inner-loop": "inner-loop",
    }


def test_a_task_waits_for_nothing_that_it_waits_for_anyway(to_airflow, flows):
    dag = to_airflow(flows.table)
    waits = {task.task_id: task.upstream_task_ids for task in dag.tasks}

    assert waits == {
        "numbers-1": set(),
        "numbers-2": {"numbers-1"},
        "items-of-numbers-2": {"numbers-2"},
        "add": {"items-of-numbers-2"},
        "totals": {"add"},
        "total": {"totals"},
    }


def test_only_what_follows_a_loop_runs_though_something_was_skipped(to_airflow, flows):
    dag = to_airflow(flows.mapped)
    rules = {task.task_id: task.trigger_rule.value for task in dag.tasks}

    assert rules == {"numbers": "all_success", "double": "all_success", "total": "none_failed"}


def test_parameters_are_typed_params(to_airflow, flows):
    @dag
    def typed(
        required: str,
        count: int = 3,
        rate: float | None = None,
        names: list[str] = ["a"],  # noqa: B006 - read, never changed
    ):
        return flows.one()

    params = to_airflow(typed, dag_id="typed").params
    found = {name: params.get_param(name) for name in params}

    assert not found["required"].has_value
    assert found["required"].schema == {"type": "string"}
    assert (found["count"].value, found["count"].schema) == (3, {"type": "integer"})
    assert (found["rate"].value, found["rate"].schema) == (None, {"type": ["number", "null"]})
    assert found["names"].schema == {"type": "array", "items": {"type": "string"}}


class Color(Enum):
    red = "r"
    blue = "b"


class Model(BaseModel):
    count: int


class Tree(BaseModel):
    parts: list["Tree"] = []


MODEL = {
    "title": "Model",
    "type": "object",
    "properties": {"count": {"title": "Count", "type": "integer"}},
    "required": ["count"],
}


@pytest.mark.parametrize(
    ("annotation", "default", "value", "schema"),
    [
        (Color, Color.red, "r", {"type": "string", "enum": ["r", "b"], "title": "Color"}),
        (
            Color | None,
            None,
            None,
            {"type": ["string", "null"], "enum": ["r", "b", None], "title": "Color"},
        ),
        (Literal["a", "b"], "a", "a", {"type": "string", "enum": ["a", "b"]}),
        (date, date(2026, 1, 2), "2026-01-02", {"type": "string", "format": "date"}),
        (date | None, None, None, {"type": ["string", "null"], "format": "date"}),
        (timedelta, timedelta(days=1), 86400, {"type": "number"}),
        (list[Model], [Model(count=1)], [{"count": 1}], {"type": "array", "items": MODEL}),
        (Model | None, None, None, {**MODEL, "type": ["object", "null"]}),
    ],
)
def test_a_form_is_made_of_a_parameters_type(to_airflow, flows, annotation, default, value, schema):
    def typed(x=default):
        """Show.

        Args:
            x: Which one.
        """
        return flows.one()

    typed.__annotations__ = {"x": annotation}
    found = to_airflow(dag(typed), dag_id="typed").params.get_param("x")

    assert (found.resolve(), found.schema, found.description) == (value, schema, "Which one.")


def test_a_text_that_looks_like_a_date_is_a_value_of_its_form(to_airflow, flows):
    @dag
    def typed(x: date | str = "2026-01-02"):
        return flows.one()

    found = to_airflow(typed, dag_id="typed").params.get_param("x")

    assert found.resolve() == {"$type": "str", "$value": "2026-01-02"}


def test_a_class_that_holds_itself_keeps_its_reference(to_airflow, flows):
    @dag
    def typed(x: Tree = Tree(parts=[Tree()])):  # noqa: B008 - never changed
        return flows.one()

    found = to_airflow(typed, dag_id="typed").params.get_param("x")

    assert found.resolve() == {"parts": [{"parts": []}]}


def test_a_schedule_needs_defaults(to_airflow, flows):
    with pytest.raises(CapabilityError) as refused:
        to_airflow(flows.long_values, schedule="@daily")

    assert str(refused.value) == (
        "airflow: a schedule starts pipeline 'long-values' with no parameters, but 'value' must be "
        "given; give them defaults, or params={name: value}"
    )
    scheduled = to_airflow(flows.long_values, schedule="@daily", params={"value": "v"})
    assert scheduled.params["value"] == "v"
    assert scheduled.params.get_param("value").schema == {"type": "string"}


def test_a_serialized_dag_holds_no_cards_and_no_copies_of_parameters(to_airflow, flows, serialized):
    document = serialized(to_airflow(flows.steps))
    text = json.dumps(document["tasks"])

    assert "dagger-providers.card" not in text
    assert '"params"' not in text
    assert len(text) / len(document["tasks"]) < 750  # by hand: 1,600


def test_another_card_is_another_version_of_the_dag(to_airflow, serialized):
    first = serialized(to_airflow(_literal(1), dag_id="d"))
    second = serialized(to_airflow(_literal(2), dag_id="d"))

    assert first["tasks"] != second["tasks"]


def _literal(value):
    return DAG({"t": Task("builtins_like:f", {"x": {"kind": "value", "value": value}})}, name="d")


def test_two_processes_make_the_same_dag_and_import_no_kubernetes(flows, tmp_path):
    code = (
        "import json, sys, airflow_flows; from dagger_providers.airflow import to_airflow\n"
        "from airflow.serialization import serialized_objects as objects\n"
        "S = getattr(objects, 'DagSerialization', None) or objects.SerializedDAG\n"
        "for name in ('table', 'mapped_nested', 'failing', 'learning', 'alarmed', 'hurried'):\n"
        "    made = S.to_dict(to_airflow(getattr(airflow_flows, name)))\n"
        "    print(json.dumps(made, sort_keys=True))\n"
        "print('kubernetes' in sys.modules)"
    )
    path = os.pathsep.join([str(Path(flows.__file__).parent), *sys.path])
    own = {**os.environ, "AIRFLOW_HOME": str(tmp_path), "PYTHONPATH": path}
    made = [
        subprocess.run(
            [sys.executable, "-c", code],
            env={**own, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.splitlines()[-7:]
        for seed in ("1", "2")
    ]

    assert made[0] == made[1]
    assert made[0][-1] == "False"


def test_two_parses_are_one_version_of_the_dag(run):
    from airflow.models.dag_version import DagVersion
    from airflow.utils.session import create_session
    from sqlalchemy import func, select

    for n in (1, 2):  # a version that no run has used would be replaced, not added to
        given = {"learn": {"on_failure_callback": print}}
        run("learning", {"dag_id": "parsed-twice", "task_args": given}, n=n)
    with create_session() as session:
        asked = select(func.count()).where(DagVersion.dag_id == "parsed-twice")
        assert session.scalar(asked) == 1


def test_docstrings_are_docs_of_tasks_and_of_the_dag(to_airflow, flows):
    made = to_airflow(flows.learning)

    assert made.description == "Learn, and add up."
    assert made.doc_md == "Learn, and\nadd up.\n\nArgs:\n    n: How often."
    assert made.params.get_param("n").description == "How often."
    assert made.task_dict["learn"].doc_md == (
        "Learn a model.\n\nIt is no good one, which\nits **score** shows."
    )
    assert made.task_dict["total"].doc_md is None


def test_a_task_without_a_docstring_costs_no_docs(to_airflow, flows, serialized):
    assert "doc_md" not in json.dumps(serialized(to_airflow(flows.steps))["tasks"])


def test_docs_of_a_mapped_task_and_of_a_nested_pipeline(to_airflow, flows):
    mapped = to_airflow(flows.learning_each_told).task_dict["learn"]
    nested = to_airflow(flows.learning_inside).task_group_dict["sums"]

    assert mapped.partial_kwargs["doc_md"].startswith("Learn a model.")
    assert nested.tooltip == "Learn, and add up."


def test_docs_that_are_asked_for_stand_before_docstrings(to_airflow, flows):
    asked = {"learn": {"doc_md": "Other words."}}
    made = to_airflow(flows.learning, task_args=asked, doc_md="Of the DAG.", description="D.")

    assert (made.description, made.doc_md) == ("D.", "Of the DAG.")
    assert made.task_dict["learn"].doc_md == "Other words."


def test_options_of_a_task_reach_its_operator(to_airflow, flows):
    sleeping = to_airflow(flows.sleeping).task_dict["sleeps"]
    chain = to_airflow(flows.chain).task_dict["double-1"]

    assert (sleeping.retries, sleeping.execution_timeout) == (0, timedelta(seconds=2))
    assert (chain.retries, chain.retry_delay) == (2, timedelta(seconds=30))


def test_what_the_caller_gives_goes_before_what_the_pipeline_asks_for(to_airflow, flows):
    @dag(runtime_options={"airflow": {"schedule": "@daily", "tags": ["a"], "dagrun_timeout": "1h"}})
    def daily():
        return flows.one()

    asked = to_airflow(daily)
    given = to_airflow(daily, schedule=None, default_args={"retries": 5})

    assert asked.timetable.can_be_scheduled
    assert (asked.tags, asked.dagrun_timeout) == ({"a"}, timedelta(hours=1))
    assert not given.timetable.can_be_scheduled
    assert given.default_args == {"retries": 5, "retry_delay": timedelta(seconds=30)}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (
            {"airflow": {"retry": 1}},
            "airflow: task 't': runtime_options['airflow'] has no 'retry'; known: active_deadline",
        ),
        (
            {"airflow": {"execution_timeout": "soon"}},
            "airflow: task 't': option 'execution_timeout': 'soon' is no duration",
        ),
    ],
)
def test_an_option_that_is_none_is_refused(to_airflow, options, said):
    model = DAG({"t": Task("m:f", runtime_options=options)})

    with pytest.raises(CapabilityError) as refused:
        to_airflow(model)

    assert str(refused.value).startswith(said)


def test_an_option_of_the_dag_that_is_none_is_refused(to_airflow):
    model = DAG({"t": Task("m:f")}, name="p", runtime_options={"airflow": {"cron": "@daily"}})

    with pytest.raises(CapabilityError, match=r"pipeline 'p': runtime_options\['airflow'\] has no"):
        to_airflow(model)


def test_options_of_a_nested_pipeline_are_refused(to_airflow):
    inner = DAG({"t": Task("m:f")}, name="i", runtime_options={"airflow": {"tags": ["x"]}})

    with pytest.raises(CapabilityError, match="nested pipeline 'n' has options of a DAG"):
        to_airflow(DAG({"n": inner}))


def test_a_function_that_lives_here_only_is_refused(to_airflow):
    @task
    def local() -> int:
        return 1

    @dag
    def pipeline():
        return local()

    with pytest.raises(CapabilityError, match="task 'local' needs a function that lives only in"):
        to_airflow(pipeline)


def test_a_parameter_that_is_no_json_is_refused(to_airflow):
    rows = FromParam("rows", serializer="parquet")
    model = DAG({"t": Task("m:f", {"rows": rows})}, {"rows": rows})

    with pytest.raises(CapabilityError, match="parameter 'rows' is written as parquet"):
        to_airflow(model)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"launcher": "kubernetes"}, "airflow: no store is named, and pods do not reach the"),
        (
            {"launcher": "kubernetes", "store": "s3://b/runs"},
            "airflow: tasks 'double-1', ",
        ),
        ({"store": "runs"}, "airflow: store 'runs' means another folder in each process; give a"),
    ],
)
def test_arguments_that_cannot_work_are_refused(to_airflow, flows, arguments, said):
    with pytest.raises(CapabilityError) as refused:
        to_airflow(flows.chain, **arguments)

    assert str(refused.value).startswith(said)


def test_a_launcher_that_does_not_exist(to_airflow, flows):
    with pytest.raises(
        UsageError, match="no launcher 'docker'; there are: container, kubernetes, process"
    ):
        to_airflow(flows.chain, launcher="docker")


def test_what_is_no_pipeline_is_refused(to_airflow):
    with pytest.raises(UsageError, match="to_airflow takes what @dag made, or a DAG model, not 3"):
        to_airflow(3)


def test_arguments_that_a_dag_does_not_take_name_the_pipeline(to_airflow, flows):
    for given in ({"shedule": "@daily"}, {"max_active_tasks": "many"}, {"start_date": 3}):
        with pytest.raises((CapabilityError, UsageError), match="pipeline 'chain': ") as caught:
            to_airflow(flows.chain, **given)
        assert "\n" not in str(caught.value)


def test_a_store_may_be_a_path(to_airflow, flows, tmp_path):
    from airflow import sdk

    from dagger_providers.airflow import as_task_group, as_taskflow

    made = to_airflow(flows.chain, store=tmp_path)
    with sdk.DAG("by-hand", schedule=None) as by_hand:
        as_taskflow(flows.double, store=tmp_path)(1)
        sdk.task.dagger(store=tmp_path)(flows.add.__wrapped__)(1, 2)
        as_task_group(flows.nested, store=tmp_path)()

    stores = {task.store for dag in (made, by_hand) for task in dag.tasks if hasattr(task, "store")}
    assert stores == {str(tmp_path)}
