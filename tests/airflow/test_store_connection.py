"""The connection type `dagger_store`: what it gives, and who gets it."""

import json
import re
from dataclasses import replace

import pytest

from dagger_providers.planning import plan

S3 = {
    "conn_type": "dagger_store",
    "host": "s3://bucket/runs",
    "login": "AKIA",
    "password": "12345678",
    "extra": {"endpoint_url": "http://minio:9000", "client_kwargs": {"region_name": "eu"}},
}


@pytest.fixture
def hook(home):
    from dagger_providers.airflow import DaggerStoreHook

    return DaggerStoreHook


@pytest.fixture
def access(hook, monkeypatch):
    """What a connection gives."""

    def access(connection, store=None):
        monkeypatch.setenv("AIRFLOW_CONN_C", json.dumps(connection))
        return hook("c").access(store)

    return access


def test_a_connection_names_a_store_and_the_options_of_its_driver(access):
    found = access(S3)
    again = dict(json.loads(found.environment["FSSPEC_S3"]))

    assert (found.uri, found.protocol) == ("s3://bucket/runs", "s3")
    assert again == {
        "key": "AKIA",
        "secret": "12345678",
        "endpoint_url": "http://minio:9000",
        "client_kwargs": {"region_name": "eu"},
    }
    assert "12345678" not in repr(found)


def test_another_process_reads_what_this_one_gives(access):
    from fsspec.config import set_conf_env

    conf = {}
    set_conf_env(conf, access(S3).environment)

    assert conf == {"s3": access(S3).options}


@pytest.mark.parametrize(
    ("host", "names"),
    [
        ("az://c/runs", ("account_name", "account_key")),
        ("gs://b/runs", ("project", "token")),
        ("sftp://h/runs", ("username", "password")),
    ],
)
def test_drivers_have_names_of_their_own(access, host, names):
    assert tuple(access({**S3, "host": host, "extra": {}}).options) == names


def test_a_store_that_is_named_goes_before_the_connections(access):
    assert access(S3, "s3://other/runs").uri == "s3://other/runs"
    assert access({**S3, "host": None}, "s3://other/runs").protocol == "s3"


def test_options_are_this_processes_as_long_as_they_are_needed(access):
    from fsspec.config import conf

    found = access({**S3, "host": "sftp://h/runs"})
    with found.here():
        assert conf["sftp"] == found.options
    assert "sftp" not in conf


@pytest.mark.parametrize(
    ("connection", "told"),
    [
        ({"conn_type": "aws"}, "connection 'c' is of type 'aws', expected 'dagger_store'"),
        (
            {"conn_type": "dagger_store"},
            "connection 'c' names no store; give it a URI, such as s3://bucket/runs, as its host",
        ),
        (
            {**S3, "host": "/folder", "extra": {}},
            "connection 'c': a local store has no credentials and options, but got password, "
            "username; give a URI, such as s3://bucket/runs",
        ),
    ],
)
def test_a_connection_that_does_not_fit(access, hook, connection, told):
    from airflow.providers.common.compat.sdk import AirflowFailException

    with pytest.raises(AirflowFailException) as refused:
        access(connection)

    assert str(refused.value) == told
    assert hook("c").test_connection() == (False, told)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (
            {"store_conn_id": "none"},
            "no connection 'none'; add one of type 'dagger_store', or name another by "
            "store_conn_id",
        ),
        ({"store": "foo://b/x"}, "x: foo://b/x: no file system is known as foo://"),
    ],
)
def test_a_store_that_cannot_be_reached_fails_at_once(home, flows, given, told):
    from types import SimpleNamespace

    from airflow.providers.common.compat.sdk import AirflowFailException

    from dagger_providers.airflow.node import node_of
    from dagger_providers.airflow.operators.process import DaggerProcessOperator

    (step,) = plan(flows.talking.build()).steps.values()
    task = DaggerProcessOperator(task_id="x", node=replace(node_of(step, None), address="x"),
                                 parameters={}, **given)  # fmt: skip
    run = SimpleNamespace(dag_id="d", run_id="r", conf={})
    pushed = SimpleNamespace(xcom_push=lambda **_: None)
    with pytest.raises(AirflowFailException) as refused:
        task.execute({"dag_run": run, "ti": pushed, "params": {}})

    assert str(refused.value) == told
    assert refused.value.__suppress_context__  # the line says it all


def test_a_connection_that_works_is_told(hook, guarded):
    assert hook(guarded.conn_id).test_connection() == (
        True,
        f"{guarded.uri} can be written and read",
    )
    assert list(guarded.folder.iterdir()) == []


def test_a_connection_that_does_not_work_tells_no_secret(access, hook, guarded):
    access({**guarded.connection, "password": "wrong-one", "host": "guarded:///wrong-one"})

    worked, told = hook("c").test_connection()

    assert not worked
    assert re.fullmatch(r"guarded:///\*\*\*/\.connection-test-[\w-]+: Permission denied", told)


def test_secrets_are_masked_in_logs(access):
    from airflow.sdk.log import redact

    access({**S3, "extra": {"session_token": "of-a-session"}})

    assert redact("12345678 of-a-session") == "*** ***"


def test_a_process_reaches_its_store_by_a_connection(run, guarded, flows):
    done = run("mapped", {"store": None, "store_conn_id": guarded.conn_id}, n=2)

    assert done.run.store == guarded.uri
    assert done.run.state == "success"
    assert (guarded.folder / "runs" / done.run.run_id / "nodes" / "total").is_dir()


def test_a_deployment_names_its_connection(run, guarded, monkeypatch, home):
    from dagger_providers.airflow.settings import access_to, default_store

    monkeypatch.setenv("AIRFLOW__DAGGER_PROVIDERS__STORE_CONN_ID", guarded.conn_id)

    assert default_store() == guarded.uri
    assert access_to(f"{guarded.uri}/more").uri == f"{guarded.uri}/more"
    assert access_to(f"{guarded.uri}/more").options["password"] == guarded.secret
    assert run("talking", {"store": None}).run.state == "success"


def test_the_connections_form_is_what_airflow_shows(home):
    from airflow.api_fastapi.core_api.services.ui.connections import HookMetaService
    from airflow.providers_manager import ProvidersManager

    form = {one.connection_type: one for one in HookMetaService.hook_meta_data()}["dagger_store"]
    fields = form.standard_fields
    known = ProvidersManager().hooks["dagger_store"]

    assert (known.connection_id_attribute_name, form.hook_name) == ("store_conn_id", "Dagger store")
    assert known.connection_testable
    assert (fields.url_schema.hidden, fields.port.hidden, fields.host.hidden) == (True, True, False)
    assert (fields.host.title, fields.host.placeholder) == ("Store", "s3://bucket/dagger")
    assert form.extra_fields["endpoint_url"]["schema"]["title"] == "Endpoint URL"
