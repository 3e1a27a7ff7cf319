"""Each row of the capability table, as a user meets it: one exact line of the command line."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from dagger_providers.cli import main
from dagger_providers.cli.targets import rules

FLOW = """
from dagger_providers import DAG, FromParam, FromReturnValue, Task, artifact, dag, task

{body}
"""


@dataclass(frozen=True)
class Shown:
    """A pipeline that meets a row, the command that shows it, and what it prints."""

    body: str
    arguments: str
    says: str


ONE_TASK = """
@task{given}
def say(x: {kind} = 1) -> int:
    return 1

@dag{dag_given}
def flow(x: {kind}{default}):
    return say(x)
"""


def one_task(given: str = "", kind: str = "int", default: str = "", dag_given: str = "") -> str:
    return ONE_TASK.format(given=given, kind=kind, default=default, dag_given=dag_given)


def of_artifact(uri: str) -> str:
    return f"""
@task
def say(x):
    return x

@dag
def flow():
    return say(artifact({uri!r}))
"""


LIVE = """
def made():
    @task
    def say() -> int:
        return 1

    @dag
    def flow():
        return say()

    return flow

flow = made()
"""

NESTED = """
@task
def say() -> int:
    return 1

@dag(runtime_options={{{target!r}: {{{option!r}: 1}}}})
def inner():
    return say()

@dag
def flow():
    return inner()
"""

HOOKED = """
@task
def say(run: dict) -> int:
    return 1

@task
def one() -> int:
    return 1

@dag(on_exit=say)
def inner():
    return one()

@dag
def flow():
    return inner()
"""

BY_HAND = """
@task
def say(x: int) -> int:
    return x

node = Task(say, inputs={{"x": FromParam({name!r})}}, outputs={{"out": FromReturnValue()}})
flow = DAG({{"say": node}}, {{{name!r}: FromParam({given})}}, name={title!r})
"""

DEEP = """
@task
def say() -> int:
    return 1

def nest(dag, depth):
    for _ in range(depth):
        dag = DAG({"n" * 60: dag}, name="p")
    return dag

flow = nest(DAG({"say": Task(say)}, name="p"), 5)
"""

LOOPS = """
@task
def say(x: int) -> int:
    return x

@task
def last(x: int) -> int:
    return x

@dag
def flow({name}s: list[list[list[list[int]]]]):
    out = []
    for {name}1 in {name}s:
        for {name}2 in {name}1:
            for {name}3 in {name}2:
                for {name}4 in {name}3:
                    out.append(last(say({name}4)))
    return out
"""

MANY = """
@task
def say(x: str) -> int:
    return 1

@dag
def flow():
    return [say(f"{{number:0{width}}}") for number in range({count})]
"""

NATIVE = """
from dagger_providers.airflow import airflow_operator

def other() -> str:
    return ""

@airflow_operator("airflow.providers.standard.operators.bash.BashOperator", bash_command="ls"{more})
@task{given}
def say() -> str:
    return ""

@dag
def flow():
    return say()
"""
AIRFLOW_ONLY = NATIVE.format(more=", stand_in=False", given="")
NO_STAND_IN = (
    "task 'say' is an operator of Airflow's own without a stand-in; let its function do the same "
    "here, and leave out stand_in=False"
)

KFP_OPTION = "(runtime_options={'kfp': {%s}})"
AIRFLOW_OPTION = "(runtime_options={'airflow': {%s}})"
ARGO_OPTION = "(runtime_options={'argo': {%s}})"
COMPONENT = """
class Odd:
    pass

@task{given}
def say(x: {annotation}) -> int:
    return 1
"""
AS_COMPONENT = "compile --to kfp-component --image i"
COMPILE = "compile flow.py --to kfp -o flow.yaml --store s3://b/runs --image i"
TO_ARGO = COMPILE.replace("kfp", "argo")

SHOWN = {
    "local/timeout-in-threads": Shown(
        one_task("(timeout='10m')"),
        "run flow.py -p x=1 --jobs 2 --workers threads",
        "local: node 'say' has the option timeout, which threads of one process cannot keep; run "
        "it with processes or with one job",
    ),
    "local/env-in-threads": Shown(
        one_task("(env={'A': 'b'})"),
        "check flow.py --target local:threads",
        "local: node 'say' has the option env, which threads of one process cannot keep; run it "
        "with processes or with one job",
    ),
    "local/live-function": Shown(
        LIVE,
        "run flow.py --jobs 2",
        "local: node 'say' needs a function that only this process has (a notebook's, or defined "
        "in another function); run it with one job or with threads, or define it at the top level "
        "of a module or file",
    ),
    "local/memory-store": Shown(
        one_task(),
        "run flow.py -p x=1 --jobs 2 --store memory://runs",
        "local: memory:// lives in one process; run with one job or with threads",
    ),
    "local/timeout-in-memory": Shown(
        one_task("(timeout='10m')"),
        "run flow.py -p x=1 --store memory://runs",
        "local: node 'say' has a timeout, which takes a process of its own, and memory:// lives in "
        "one; use a folder",
    ),
    "local/airflow-only": Shown(AIRFLOW_ONLY, "run flow.py", f"local: {NO_STAND_IN}"),
    "airflow/live-function": Shown(
        LIVE,
        "check flow.py --target airflow",
        "airflow: task 'say' needs a function that lives only in this process (a notebook's, or "
        "one inside another); define it at the top level of a module or file",
    ),
    "airflow/long-task-id": Shown(
        DEEP,
        "check flow.py --target airflow",
        f"airflow: the id of task '{'.'.join(['n' * 60] * 5)}.say' has 308 characters, and Airflow "
        "takes 250; give the nested pipelines shorter names",
    ),
    "airflow/long-group-id": Shown(
        LOOPS.replace("{name}", "n" * 50),
        "check flow.py --target airflow",
        "airflow: the names of the loops around task 'last' have 226 characters and make the id of "
        "a task group, of which Airflow takes 194; give the variables of the loops shorter names",
    ),
    "airflow/dag-id": Shown(
        BY_HAND.format(name="x", given="", title="my flow"),
        "check flow.py --target airflow",
        "airflow: 'my flow' is no id of a DAG: Airflow takes up to 250 letters, digits, '_', '-' "
        "and '.'; give to_airflow(..., dag_id=...), or rename it",
    ),
    "airflow/nested-options": Shown(
        NESTED.format(target="airflow", option="max_active_runs"),
        "check flow.py:flow --target airflow",
        "airflow: nested pipeline 'inner' has options of a DAG or of pods, and its tasks are tasks "
        "of the outer one; set them on its tasks, or on the outer pipeline",
    ),
    "airflow/unknown-option": Shown(
        one_task(dag_given=AIRFLOW_OPTION % "'cron': '@daily'"),
        "check flow.py --target airflow",
        "airflow: pipeline 'flow': runtime_options['airflow'] has no 'cron'; known: "
        "access_control, catchup, dag_display_name, dagrun_timeout, deadline, default_args, "
        "doc_md, end_date, fail_fast, is_paused_upon_creation, max_active_runs, max_active_tasks, "
        "max_consecutive_failed_dag_runs, on_failure_callback, on_success_callback, owner_links, "
        "schedule, start_date, tags",
    ),
    "airflow/option-value": Shown(
        one_task(AIRFLOW_OPTION % "'execution_timeout': 'soon'"),
        "check flow.py --target airflow",
        "airflow: task 'say': option 'execution_timeout': 'soon' is no duration: write seconds, or "
        "like '90s', '10m', '1h'; write a duration such as '90s' or '10m', or a date such as "
        "'2026-01-31'",
    ),
    "airflow/outlet": Shown(
        one_task(AIRFLOW_OPTION % "'outlets': {'model': 's3://lake/model'}"),
        "check flow.py --target airflow",
        "airflow: task 'say': option 'outlets' names output 'model', which nothing reads; it "
        "keeps: return_value; return the output from the pipeline, or give outlets as a list",
    ),
    "airflow/parameter-serializer": Shown(
        BY_HAND.format(name="x", given="serializer='parquet'", title="flow"),
        "check flow.py --target airflow",
        "airflow: parameter 'x' is written as parquet, and Airflow holds parameters as JSON; take "
        "a path or URI, and read it in a task",
    ),
    "airflow/native-inside": Shown(
        NATIVE.format(more="", given="(group='g')"),
        "check flow.py --target airflow",
        "airflow: task 'say' is an operator of Airflow's own in a repetition or a group; put it "
        "before or after, or use its stand-in there",
    ),
    "airflow/native-option": Shown(
        NATIVE.format(more="", given="(on_failure=other)"),
        "check flow.py --target airflow",
        "airflow: task 'say' is an operator of Airflow's own, and has allow_failure or on_failure; "
        "handle the failure in a task after it, or in a subclass of the operator",
    ),
    "airflow/native-loop": Shown(
        NATIVE.format(more="", given="").replace(
            "return say()", "return [say() for _ in one()]\n\n@task\ndef one() -> list: return [1]"
        ),
        "check flow.py --target airflow",
        "airflow: task 'say' is an operator of Airflow's own in a loop, and fails where that has "
        "more items than [core] max_map_length, which is 1,024 by default; loop over fewer, or "
        "raise it",
    ),
    "airflow/native-arguments": Shown(
        NATIVE.format(more=", cwdd='/'", given=""),
        "check flow.py --target airflow",
        "airflow: task 'say': BashOperator: Invalid arguments were passed to BashOperator (task_id:"
        " say). Invalid arguments were: **kwargs: {'cwdd': '/'}; give airflow_operator the "
        "operator's own arguments",
    ),
    "airflow/schedule": Shown(
        one_task(dag_given=AIRFLOW_OPTION % "'schedule': '@daily'"),
        "check flow.py --target airflow",
        "airflow: a schedule starts pipeline 'flow' with no parameters, but 'x' must be given; "
        "give them defaults, or params={name: value}",
    ),
    "airflow/relative-store": Shown(
        one_task(),
        "check flow.py --target airflow --store runs",
        "airflow: store 'runs' means another folder in each process; give a URI such as "
        "s3://bucket/runs, or an absolute path",
    ),
    "airflow/unknown-store": Shown(
        one_task(),
        "check flow.py --target airflow --store foo://bucket/runs",
        "airflow: store 'foo://bucket/runs': no file system is known as foo://; give a URI such as "
        "s3://bucket/runs, or install the package of the driver where DAGs are parsed, too",
    ),
    "airflow/relative-artifact": Shown(
        of_artifact("data/rows.csv"),
        "check flow.py --target airflow",
        "airflow: artifact 'data/rows.csv' means another file in each process, or none; give "
        "artifact(...) a URI such as s3://bucket/rows.csv, or an absolute path",
    ),
    "airflow/local-artifact": Shown(
        of_artifact("/data/rows.csv"),
        "check flow.py --target airflow --store s3://bucket/runs",
        "airflow: artifact '/data/rows.csv' lies in a file system, and the store at "
        "s3://bucket/runs; put it where the store is, or see to it that the path is there wherever "
        "a task runs",
    ),
    "airflow/no-store": Shown(
        one_task(),
        "check flow.py --target airflow:kubernetes --store= --image i",
        "airflow: no store is named, and pods do not reach the folder in AIRFLOW_HOME; give "
        "to_airflow(..., store='s3://bucket/runs') or [dagger_providers] store_uri",
    ),
    "airflow/no-image": Shown(
        one_task(),
        "check flow.py --target airflow:kubernetes --store s3://b/runs --image=",
        "airflow: task 'say' has no image to run in, which the launcher 'kubernetes' needs; give "
        "to_airflow(..., image=...), @task(image=...) or [dagger_providers] image",
    ),
    "kfp/no-image": Shown(
        one_task(),
        "compile flow.py --to kfp -o flow.yaml --store s3://b/runs",
        "kfp: task 'say' has no image to run in; give --image (image=... in code), or "
        "@task(image=...)",
    ),
    "kfp/relative-store": Shown(
        one_task(),
        "compile flow.py --to kfp -o flow.yaml --store runs --image i",
        "kfp: store 'runs' means another folder in each container; give a URI such as "
        "s3://bucket/runs, or an absolute path that is mounted",
    ),
    "kfp/relative-artifact": Shown(
        of_artifact("data/rows.csv"),
        COMPILE,
        "kfp: artifact 'data/rows.csv' means another file in each process, or none; give "
        "artifact(...) a URI such as s3://bucket/rows.csv, or an absolute path",
    ),
    "kfp/local-artifact": Shown(
        of_artifact("/data/rows.csv"),
        "check flow.py --target kfp --store s3://bucket/runs",
        "kfp: artifact '/data/rows.csv' lies in a file system, and the store at "
        "s3://bucket/runs; put it where the store is, or see to it that the path is there wherever "
        "a task runs",
    ),
    "kfp/live-function": Shown(
        LIVE,
        COMPILE,
        "kfp: task 'say' needs a function that lives only in this process (one of a notebook, or "
        "inside another function); define it at the top level of a module or file",
    ),
    "kfp/airflow-only": Shown(AIRFLOW_ONLY, COMPILE, f"kfp: {NO_STAND_IN}"),
    "kfp/nested-options": Shown(
        NESTED.format(target="kfp", option="parallelism"),
        COMPILE.replace("flow.py", "flow.py:flow"),
        "kfp: nested pipeline 'inner' has options, and its tasks are compiled as tasks of the "
        "outer pipeline; set them on its tasks, or on the outer pipeline",
    ),
    "kfp/nested-hook": Shown(
        HOOKED,
        COMPILE.replace("flow.py", "flow.py:flow"),
        "kfp: 'inner.on_exit' is a hook of a nested pipeline, and KFP has exit handlers in the "
        "outermost pipeline only; put the hook on the outer pipeline, whose hooks are told of each "
        "node",
    ),
    "kfp/cache": Shown(
        one_task(KFP_OPTION % "'cache': True"),
        COMPILE,
        "kfp: task 'say': KFP's cache would skip a task without leaving its value in this run; "
        "leave caching off, as it is",
    ),
    "kfp/unknown-option": Shown(
        one_task(KFP_OPTION % "'retry': 2"),
        COMPILE,
        "kfp: task 'say': runtime_options['kfp'] has no 'retry'; known: accelerator_count, "
        "accelerator_type, active_deadline_seconds, affinity, annotations, config_map_as_env, "
        "display_name, ephemeral_volumes, field_path_as_env, image_pull_policy, "
        "image_pull_secrets, infrastructure_retries, labels, node_selector, secret_as_env, "
        "security_context, shared_memory, tolerations, volume_mounts, volumes",
    ),
    "kfp/option-value": Shown(
        one_task(KFP_OPTION % "'infrastructure_retries': '2'"),
        COMPILE,
        "kfp: task 'say': runtime_options['kfp']: infrastructure_retries: Input should be a valid "
        "integer, got '2'; write what the message asks for",
    ),
    "kfp/pod-option": Shown(
        one_task("(runtime_options={'kubernetes': {'env_from': []}})"),
        COMPILE,
        "kfp: task 'say': runtime_options['kubernetes'] has 'env_from', and KFP hands on single "
        "keys of secrets and config maps only; name the keys in runtime_options['kfp']"
        "['secret_as_env'] or 'config_map_as_env', or set it where KFP is installed",
    ),
    "kfp/taken-name": Shown(
        BY_HAND.format(name="dagger-run-id", given="", title="flow"),
        COMPILE,
        "kfp: the parameter name 'dagger-run-id' is taken; rename it",
    ),
    "kfp/parameter-serializer": Shown(
        BY_HAND.format(name="x", given="serializer='parquet'", title="flow"),
        COMPILE,
        "kfp: parameter 'x' is written as 'parquet', and KFP's parameters carry text and numbers "
        "only; take a path or URI, and read it in a task",
    ),
    "kfp/whole-number": Shown(
        one_task(default=" = 2**53 + 1"),
        COMPILE,
        "kfp: parameter 'x' is 9007199254740993, and KFP rounds whole numbers beyond 2**53; pass "
        "it as a str and convert it in a task",
    ),
    "kfp/long-argument": Shown(
        one_task(kind="str", default=" = 'x' * 131_072"),
        COMPILE,
        "kfp: parameter 'x' has 131072 bytes, and KFP makes it an argument of the container's "
        "command, which Linux limits to 131071; pass a URI, and read it in a task",
    ),
    "kfp/placeholder": Shown(
        one_task(kind="str", default=" = '{{$.inputs}}'"),
        COMPILE,
        "kfp: parameter 'x' holds '{{$', which KFP takes for a placeholder of its own; pass it in "
        "a list or mapping, where it is escaped",
    ),
    "kfp/component-argument": Shown(
        COMPONENT.format(given="", annotation="Odd"),
        f"{AS_COMPONENT} flow.py:say",
        "kfp: nothing says how argument 'x' of 'say', Odd, is written; annotate it, or say what it "
        "is written by: serializers={NAME: 'pickle'}, 'csv' or another (--serializer NAME=...)",
    ),
    "kfp/component-pickle": Shown(
        COMPONENT.format(given="", annotation="Odd"),
        f"{AS_COMPONENT} flow.py:say --serializer x=pickle",
        "kfp: argument 'x' of 'say' is a pickle, and reading one runs the code in it; name the "
        "argument in trust=[...] (--trust NAME) if you trust all who may write it",
    ),
    "kfp/component-options": Shown(
        COMPONENT.format(given="(allow_failure=True)", annotation="int"),
        f"{AS_COMPONENT} flow.py:say",
        "kfp: task 'say' has allow_failure, which mean something in a pipeline only; leave them "
        "out, or take the whole pipeline as a component",
    ),
    "kfp/one-container-image": Shown(
        one_task("(image='own:1')"),
        f"{AS_COMPONENT} flow.py:flow --one-container",
        "kfp: task 'say' asks for image 'own:1', and the pipeline runs in one container of 'i'; "
        "leave one_container out and give store=..., or leave out the task's image",
    ),
    "kfp/parameters-size": Shown(
        one_task(kind="str", default=" = 'x' * 10_001"),
        "check flow.py --target kfp",
        "kfp: the defaults of the parameters have 10001 bytes, and KFP's API server takes 10000 in "
        "a run unless it is configured otherwise; pass a URI, and read it in a task",
    ),
    "kfp/workflow-size": Shown(
        MANY.format(count=600, width=2400),
        "check flow.py --target kfp",
        "kfp: pipeline 'flow' compiles to {} bytes of JSON, of which KFP makes one Kubernetes "
        "object, and etcd takes 1572864 bytes unless it is configured otherwise; split it into "
        "several pipelines, or loop over a list instead of in Python",
    ),
    "kfp/package-size": Shown(
        MANY.format(count=4500, width=7400),
        "check flow.py --target kfp",
        "kfp: pipeline 'flow' compiles to {} bytes of YAML, and KFP's API server takes 33554432; "
        "split it into several pipelines, or loop over a list instead of in Python",
    ),
    "argo/no-image": Shown(
        one_task(),
        "compile flow.py --to argo -o flow.yaml --store s3://b/runs",
        "argo: task 'say' has no image to run in; give --image (image=... in code), or "
        "@task(image=...)",
    ),
    "argo/relative-store": Shown(
        one_task(),
        "compile flow.py --to argo -o flow.yaml --store runs --image i",
        "argo: store 'runs' means another folder in each container; give a URI such as "
        "s3://bucket/runs, or an absolute path that is mounted",
    ),
    "argo/relative-artifact": Shown(
        of_artifact("data/rows.csv"),
        TO_ARGO,
        "argo: artifact 'data/rows.csv' means another file in each process, or none; give "
        "artifact(...) a URI such as s3://bucket/rows.csv, or an absolute path",
    ),
    "argo/local-artifact": Shown(
        of_artifact("/data/rows.csv"),
        "check flow.py --target argo --store s3://bucket/runs",
        "argo: artifact '/data/rows.csv' lies in a file system, and the store at "
        "s3://bucket/runs; put it where the store is, or see to it that the path is there wherever "
        "a task runs",
    ),
    "argo/live-function": Shown(
        LIVE,
        TO_ARGO,
        "argo: task 'say' needs a function that lives only in this process (one of a notebook, or "
        "inside another function); define it at the top level of a module or file",
    ),
    "argo/airflow-only": Shown(AIRFLOW_ONLY, TO_ARGO, f"argo: {NO_STAND_IN}"),
    "argo/template-text": Shown(
        one_task("(env={'A': '{{x}}'})"),
        TO_ARGO,
        "argo: task 'say': env 'A' holds '{{', which Argo takes for a template of its own; write "
        "it without two opening braces in a row",
    ),
    "argo/nested-options": Shown(
        NESTED.format(target="argo", option="parallelism"),
        TO_ARGO.replace("flow.py", "flow.py:flow"),
        "argo: nested pipeline 'inner' has options, and its tasks are compiled as tasks of the "
        "outer pipeline; set them on its tasks, or on the outer pipeline",
    ),
    "argo/nested-hook": Shown(
        HOOKED,
        TO_ARGO.replace("flow.py", "flow.py:flow"),
        "argo: 'inner.on_exit' is a hook of a nested pipeline, and Argo's exit handler is one of "
        "the whole workflow; put the hook on the outer pipeline, whose hooks are told of each node",
    ),
    "argo/unknown-option": Shown(
        one_task(ARGO_OPTION % "'retry': 2"),
        TO_ARGO,
        "argo: task 'say': runtime_options['argo'] has no 'retry'; known: affinity, annotations, "
        "image_pull_policy, image_pull_secrets, labels, node_selector, priority_class_name, "
        "service_account_name, tolerations, env_from, volume_mounts, volumes, "
        "active_deadline_seconds, infrastructure_retries",
    ),
    "argo/option-value": Shown(
        one_task(dag_given=ARGO_OPTION % "'parallelism': 0"),
        TO_ARGO,
        "argo: pipeline 'flow': runtime_options['argo']: parallelism must be a whole number from "
        "1, got 0; write a whole number from 1",
    ),
    "argo/parameter-serializer": Shown(
        BY_HAND.format(name="x", given="serializer='parquet'", title="flow"),
        TO_ARGO,
        "argo: parameter 'x' is written as 'parquet', and Argo's parameters are texts; take a "
        "path or URI, and read it in a task",
    ),
    "argo/open-template": Shown(
        one_task(kind="str", default=" = 'a {{ b'"),
        TO_ARGO,
        "argo: parameter 'x' holds '{{' and no '}}' after it, and Argo can take that for a "
        "template of its own that does not end; pass it in a list or mapping, where it is escaped",
    ),
    "argo/long-argument": Shown(
        one_task(kind="str", default=" = 'x' * 131_070"),
        TO_ARGO,
        "argo: parameter 'x' has 131072 bytes as an argument of the container's command, which "
        "Linux limits to 131071; pass a URI, and read it in a task",
    ),
    "argo/workflow-size": Shown(
        MANY.format(count=400, width=2400),
        "check flow.py --target argo",
        "argo: pipeline 'flow' compiles to {} bytes of JSON, and Argo keeps a workflow in one "
        "Kubernetes object of at most 1048576; split it into several pipelines, or loop over a "
        "list instead of in Python",
    ),
}


def test_every_row_is_shown() -> None:
    assert list(SHOWN) == [rule.id for rule in rules()]


MARKS = {"airflow/native-arguments": pytest.mark.airflow}
"""Rows that only the engine itself can tell of."""


@pytest.mark.parametrize("name", [pytest.param(r.id, marks=MARKS.get(r.id, ())) for r in rules()])
def test_a_row_as_a_user_meets_it(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = SHOWN[name]
    (tmp_path / "flow.py").write_text(FLOW.format(body=shown.body))
    monkeypatch.chdir(tmp_path)
    checks = shown.arguments.startswith("check")

    status = main(shown.arguments.split())

    told = capsys.readouterr()
    start, _, rest = shown.says.partition(" {} ")
    if checks:
        line = told.out.splitlines()[-1]
        assert (status, told.err) == (1, "")
        assert line.endswith(f"{rest or start} [{name}]")
    else:
        line = told.err.rstrip("\n").removeprefix("dagger-providers: error: ")
        assert (status, told.out) == (2, "")
        assert line == shown.says
        assert not (tmp_path / "flow.yaml").exists()
    assert line.startswith(start)


def test_all_refusals_of_a_pipeline_are_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    given = "(runtime_options={'kfp': {'cache': True, 'retry': 1}, 'argo': {'retry': 1}})"
    body = one_task(given, default=" = 2**60")
    (tmp_path / "flow.py").write_text(FLOW.format(body=body))
    monkeypatch.chdir(tmp_path)

    assert main(["check", "flow.py"]) == 1

    told = [line.rpartition(" [")[2] for line in capsys.readouterr().out.splitlines()[2:]]
    assert told == [
        "kfp/cache]", "kfp/unknown-option]", "kfp/whole-number]", "argo/unknown-option]",
    ]  # fmt: skip
    assert main(COMPILE.split()) == 2
    assert capsys.readouterr().err.endswith(
        "leave caching off, as it is (and 2 more: see dagger-providers check, given the "
        "same options)\n"
    )


def test_what_every_pipeline_is_compiled_with_is_checked_when_it_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "flow.py").write_text(FLOW.format(body=one_task()))
    monkeypatch.chdir(tmp_path)

    assert main(["check", "flow.py", "-t", "argo", "--store", "{{x}}", "--image", "{{x}}"]) == 1

    told = [line.rpartition(" [")[2] for line in capsys.readouterr().out.splitlines()]
    assert told == ["argo/relative-store]", "argo/template-text]", "argo/template-text]"]
    assert main([*TO_ARGO.split(), "--code-root", "/{{x}}"]) == 2
    assert "argo: code_root holds '{{', which Argo" in capsys.readouterr().err
