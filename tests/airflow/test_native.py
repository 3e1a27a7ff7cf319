"""Operators of Airflow's own as nodes of our pipelines."""

import sys
from pathlib import Path
from types import ModuleType

import pytest

from dagger_providers.card.functions import load_file
from dagger_providers.errors import CapabilityError, UsageError
from dagger_providers.model import documents

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def native():
    return load_file("native_flows.py", str(HERE))


@pytest.fixture(autouse=True)
def operators(home, monkeypatch):
    """A module of operators that is importable here."""
    from airflow.sdk import BaseOperator, BaseOperatorLink

    class Echoed(BaseOperatorLink):
        name = "Echoed"

        def get_link(self, operator, *, ti_key):
            return f"https://echo.example.com/{ti_key.run_id}"

    class Echo(BaseOperator):
        template_fields = ("value",)
        operator_extra_links = (Echoed(),)

        def __init__(self, *, value, **kwargs):
            super().__init__(**kwargs)
            self.value = value

        def execute(self, context):
            return self.value

    class Fail(BaseOperator):
        def __init__(self, *, message, **kwargs):
            super().__init__(**kwargs)
            self.message = message

        def execute(self, context):
            raise ValueError(self.message)

    class Linked(BaseOperator):
        @property
        def operator_extra_links(self):
            return [Echoed()] if self.task_id == "linked" else []

    class Indexed(BaseOperator):
        def __init__(self, *, index, **kwargs):
            super().__init__(**kwargs)

    module = ModuleType("native_operators")
    module.Echo, module.Fail, module.Indexed = Echo, Fail, Indexed
    module.Linked = Linked
    monkeypatch.setitem(sys.modules, module.__name__, module)


@pytest.fixture
def run(native, tmp_path):
    from dagger_providers.airflow.testing import execute

    def run(name, **parameters):
        return execute(getattr(native, name), parameters, str(tmp_path / "store"))

    return run


def value(native, done, name):
    from dagger_providers.execution import Resolver, open_run
    from dagger_providers.planning import plan

    lowered = plan(getattr(native, name).build())
    context = open_run(done.store, done.run_id, {}, str(HERE))
    return Resolver(context, lowered.axes).value(lowered.outputs["return_value"], {})


NATIVE = pytest.mark.needs("apache-airflow>=3.2", "has render_template_as_native_obj for operators")


@pytest.mark.parametrize("name", ["words", pytest.param("looped", marks=NATIVE)])
def test_gives_what_the_plain_call_gives(run, native, name):
    done = run(name)

    assert (done.reason, done.state) == ("", "success")
    assert value(native, done, name) == getattr(native, name)()


def test_a_parameter_is_no_name_of_a_file_with_a_template(native, tmp_path):
    from airflow.sdk import DAG

    from dagger_providers.airflow import as_task_group
    from dagger_providers.airflow.testing import run_dag_test

    store = str(tmp_path / "store")
    with DAG("of_a_script", schedule=None, default_args={"retries": 0}) as dag:
        as_task_group(native.words, store=store)(word="deploy.sh")
    done = run_dag_test(dag)

    assert (done.reason, done.state) == ("", "success")


def test_an_argument_of_the_operators_may_be_one(native, tmp_path):
    from dagger_providers.airflow import airflow_operator, to_airflow
    from dagger_providers.airflow.testing import run_dag_test

    (tmp_path / "say.sh").write_text("echo {{ inputs.word }} of a file")
    script = airflow_operator(native.BASH, bash_command="say.sh")(native.said_by_a_script)

    @native.dag
    def scripted():
        return script("hello")

    dag = to_airflow(scripted, store=str(tmp_path / "store"), code_root=str(HERE),
                     template_searchpath=str(tmp_path))  # fmt: skip
    done = run_dag_test(dag)

    assert (done.reason, done.state) == ("", "success")
    (made,) = (tmp_path / "store").rglob("return_value.json")
    assert made.read_text() == '"hello of a file"'


def test_it_is_the_operator_that_airflow_shows(native):
    from dagger_providers.airflow import to_airflow

    found = to_airflow(native.words, dag_id="shown").task_dict

    assert found["say"].task_type == "BashOperator"
    assert found["again"].upstream_task_ids == {"say"}


def test_it_links_to_its_inputs_and_outputs_beside_its_own_links(native):
    from dagger_providers.airflow import to_airflow

    shown = to_airflow(native.words, dag_id="linked").task_dict["model"]
    mapped = to_airflow(native.linked_each).task_dict["one-of"]
    by_property = to_airflow(native.by_property, dag_id="linked-by").task_dict["linked"]

    for task in (shown, mapped, by_property):
        links = [link.name for link in task.operator_extra_links]
        assert links == ["Inputs and outputs", "Echoed"]


def test_its_log_tells_what_is_kept(run, logged):
    done = run("words")
    lines = [str(entry["event"]) % entry.get("positional_args", ()) for entry in logged.entries]
    at = lines.index("::group::Outputs")

    assert lines[at + 1].startswith(f"return_value: {done.folder}/nodes/")


def test_it_needs_no_image_beside_pods(native):
    from dagger_providers.airflow import to_airflow

    given = {"launcher": "kubernetes", "store": "s3://b/runs"}

    assert to_airflow(native.bare, **given).task_dict["only-there"].task_type == "BashOperator"


def test_elsewhere_the_stand_in_runs(native, tmp_path):
    assert native.looped.run(store=str(tmp_path)).outputs["return_value"] == 12
    model = native.words.build()
    assert documents.loads(documents.dumps(model)) == model


def test_a_result_of_another_type_fails_in_one_line(run):
    assert run("mistyped").reason == (
        "wrong: its operator gave 'many', and its function is annotated otherwise: it is 'many'"
    )


def test_hooks_are_told_of_its_failure_and_may_be_operators(run, tmp_path):
    log = tmp_path / "log"
    done = run("failing", log=str(log))

    assert done.reason == "no way"
    assert log.read_text() == "failed\n"


@NATIVE
@pytest.mark.parametrize(
    ("name", "rule"),
    [("repeated", "native-inside"), ("tolerant", "native-option"), ("looped", "native-loop")],
)
def test_what_airflow_cannot_do_with_it(native, name, rule):
    from dagger_providers.airflow import refusals
    from dagger_providers.planning import plan
    from dagger_providers.planning.capabilities import Deployment

    model = getattr(native, name).build()
    found = list(refusals.check(model, plan(model), Deployment("process")))

    assert [one.rule.name for one in found] == [rule]


SPEC = pytest.mark.needs("kfp-pipeline-spec>=2.17", "says what KFP takes")


@pytest.mark.parametrize("target", ["local", "argo", pytest.param("kfp", marks=SPEC)])
def test_without_a_stand_in_it_is_refused_where_there_is_no_airflow(native, target):
    from dagger_providers.cli.check import verdicts

    (verdict,) = verdicts(native.bare.build(), [target], store=None, image="i:1")

    assert [refusal.rule.id for refusal in verdict.refusals] == [f"{target}/airflow-only"]


def test_without_a_stand_in_it_is_no_plain_call(native):
    with pytest.raises(CapabilityError, match="'only_there' is an operator"):
        native.bare()


WRONG = {
    "native_operators.Nothing": "no operator 'native_operators.Nothing'",
    "nowhere.Operator": "no operator 'nowhere.Operator'",
    "pathlib.Path": "'pathlib.Path' is no operator",
    "native_operators.Indexed": "has arguments of names that steps have .index.",
}


@pytest.mark.parametrize(("path", "said"), WRONG.items(), ids=WRONG)
def test_what_is_no_operator_is_refused(native, path, said):
    from dagger_providers import dag
    from dagger_providers.airflow import airflow_operator, to_airflow

    odd = airflow_operator(path)(native.double)

    @dag
    def one():
        return odd(1)

    with pytest.raises(UsageError, match=said):
        to_airflow(one, code_root=str(HERE))


def made_with(native, **arguments):
    """Pipelines with an operator that is given these: alone, mapped, and in a mapped group."""
    from dagger_providers import dag
    from dagger_providers.airflow import airflow_operator

    odd = airflow_operator(native.BASH, **arguments)(native.double).options(name="odd")

    @dag
    def alone():
        return odd(1)

    @dag
    def mapped(xs: list[int] = [1]):  # noqa: B006 - never changed
        return [odd(x) for x in xs]

    @dag
    def in_a_group(xs: list[int] = [1]):  # noqa: B006 - never changed
        return [native.double(odd(x)) for x in xs]

    return {"alone": alone, "mapped": mapped, "in_a_group": in_a_group}


ODD = [{}, {"bash_comand": "ls"}, {"bash_command": "ls", "pol": "small"}]


@pytest.mark.parametrize("given", ODD, ids=" ".join)
@pytest.mark.parametrize("name", ["alone", "mapped", "in_a_group"])
def test_arguments_that_the_operator_does_not_take_name_the_task(native, name, given):
    from dagger_providers.airflow import to_airflow

    with pytest.raises(UsageError, match=r"^task 'odd': BashOperator: .*(bash_com|'pol')") as said:
        to_airflow(made_with(native, **given)[name], code_root=str(HERE))
    assert "\n" not in str(said.value)


@pytest.mark.parametrize("given", ODD, ids=" ".join)
def test_check_tells_of_them_where_the_class_can_be_imported(native, given):
    from dagger_providers.airflow import refusals
    from dagger_providers.planning import plan
    from dagger_providers.planning.capabilities import Deployment

    model = made_with(native, **given)["alone"].build()
    (found,) = refusals.check(model, plan(model), Deployment("process"))

    assert found.rule.name == "native-arguments"
    assert found.place == "task 'odd'"


def told_by_check(model):
    from dagger_providers.airflow import refusals
    from dagger_providers.planning import plan
    from dagger_providers.planning.capabilities import Deployment

    return [str(one) for one in refusals.check(model, plan(model), Deployment("process"))]


def having(model, **options):
    from dagger_providers import DAG

    return DAG.model_validate(dict(model) | {"runtime_options": {"airflow": options}})


def test_check_reads_default_args_as_the_dag_does(native):
    shared = {"retry_delay": "10m", "execution_timeout": 90}
    model = made_with(native, bash_command="ls")["alone"].build()

    assert told_by_check(having(model, default_args=shared)) == []


@pytest.mark.parametrize("wrong", [{"default_args": {"retries": "2"}}, {"default_args": 3}])
def test_check_tells_once_of_wrong_options_beside_operators(native, wrong):
    model = made_with(native, bash_command="ls")["alone"].build()

    (told,) = told_by_check(having(model, **wrong))
    assert "option 'default_args" in told


def test_check_tells_of_a_wrong_option_of_an_operators_task(native):
    from dagger_providers import dag
    from dagger_providers.airflow import airflow_operator

    asking = native.double.options(runtime_options={"airflow": {"retries": "2"}})
    odd = airflow_operator(native.BASH, bash_command="ls")(asking).options(name="odd")

    @dag
    def one():
        return odd(1)

    (told,) = told_by_check(one.build())

    assert told.startswith("airflow: task 'odd': option 'retries': expected a whole number")


def test_an_operator_that_airflow_lets_not_be_made_names_the_task(native, monkeypatch):
    from airflow.providers.common.compat.sdk import AirflowException, BaseOperator

    from dagger_providers import dag
    from dagger_providers.airflow import airflow_operator, to_airflow

    class Unready(BaseOperator):
        def __init__(self, **kwargs):
            raise AirflowException("it needs a connection")

    monkeypatch.setattr(sys.modules["native_operators"], "Unready", Unready, raising=False)
    unready = airflow_operator("native_operators.Unready")(native.double).options(name="odd")

    @dag
    def one():
        return unready(1)

    said = "task 'odd': Unready: it needs a connection"
    with pytest.raises(UsageError, match=f"^{said}$"):
        to_airflow(one, code_root=str(HERE))
    (told,) = told_by_check(one.build())
    assert said in told


def test_a_callback_among_an_operators_arguments_may_be_named(native):
    from dagger_providers.airflow import to_airflow

    given = {"bash_command": "ls", "on_success_callback": "builtins:print"}
    given["on_failure_callback"] = None
    found = to_airflow(made_with(native, **given)["alone"], code_root=str(HERE)).task_dict["odd"]

    assert list(found.on_success_callback) == [print]
    assert not found.on_failure_callback


def test_a_mapped_operator_is_one_task(native):
    from dagger_providers.airflow import to_airflow

    made = to_airflow(made_with(native, bash_command="ls")["mapped"], code_root=str(HERE))

    assert [name for name in made.task_dict if "odd" in name] == ["odd"]
    assert len(made.task_dict) == 2
