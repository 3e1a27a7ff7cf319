"""What Airflow learns of the provider, and what a deployment can set."""

import json
import re
from importlib.metadata import entry_points
from pathlib import Path
from pkgutil import resolve_name

import pytest

from dagger_providers.airflow.provider import get_provider_info


def test_the_metadata_is_what_airflow_asks_for(home):
    import airflow
    from jsonschema import validate

    schema = Path(airflow.__file__).with_name("provider_info.schema.json")
    validate(get_provider_info(), json.loads(schema.read_text()))


def named(found):
    """Every dotted name of ours, wherever it stands."""
    if isinstance(found, dict):
        for value in found.values():
            yield from named(value)
    elif isinstance(found, list):
        for value in found:
            yield from named(value)
    elif isinstance(found, str) and re.fullmatch(r"dagger_providers\.[\w.]+", found):
        yield found


NAMED = sorted(named(get_provider_info()))


@pytest.mark.parametrize("name", NAMED)
def test_everything_that_the_metadata_names_exists(home, name):
    assert resolve_name(name)


def test_the_plugin_and_the_decorator_are_called_as_the_metadata_calls_them(home):
    info = get_provider_info()
    (plugin,), (decorator,) = info["plugins"], info["task-decorators"]

    assert resolve_name(plugin["plugin-class"]).name == plugin["name"]
    assert resolve_name(decorator["class-name"]).__name__ == f"{decorator['name']}_task"


def test_the_links_of_its_operators_are_among_the_metadata(home):
    from airflow.providers_manager import ProvidersManager

    from dagger_providers.airflow.operators.step import LaunchedOperator

    links = {
        f"{type(link).__module__}.{type(link).__name__}"
        for link in LaunchedOperator.operator_extra_links
    }

    assert set(get_provider_info()["extra-links"]) == links
    assert links <= set(ProvidersManager().extra_links_class_names)


def test_airflow_knows_the_provider_and_its_options(home):
    from airflow.providers_manager import ProvidersManager

    manager = ProvidersManager()
    manager.initialize_providers_configuration()

    assert "dagger-providers" in manager.providers
    options = dict(manager.provider_configs)["dagger-providers"]["dagger_providers"]["options"]
    assert set(options) == {
        "store_uri", "store_conn_id", "store_secret", "ui_stores", "launcher", "image",
    }  # fmt: skip


@pytest.fixture
def settings(home):
    from dagger_providers.airflow import settings

    return settings


def test_the_store_is_in_airflows_home_by_default(settings, home):
    assert settings.default_store() == str(home / "dagger")
    assert settings.stores_by_uri() == [str(home / "dagger")]


def test_a_deployment_names_its_store_launcher_and_image(settings, flows, monkeypatch):
    from dagger_providers.airflow import to_airflow

    monkeypatch.setenv("AIRFLOW__DAGGER_PROVIDERS__STORE_URI", "s3://bucket/runs")
    monkeypatch.setenv("AIRFLOW__DAGGER_PROVIDERS__UI_STORES", "s3://a, s3://b")
    monkeypatch.setenv("AIRFLOW__DAGGER_PROVIDERS__LAUNCHER", "kubernetes")
    monkeypatch.setenv("AIRFLOW__DAGGER_PROVIDERS__IMAGE", "pipelines:1")

    assert settings.default_store() == "s3://bucket/runs"
    assert settings.stores_by_uri() == ["s3://bucket/runs", "s3://a", "s3://b"]
    assert to_airflow(flows.mapped).task_dict["total"].image == "pipelines:1"


def test_the_public_names_are_lazy_and_listed():
    import dagger_providers.airflow as package

    assert set(package.__all__) <= set(dir(package))
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = package.no_such_name


def test_the_plugin_is_registered_where_airflow_loads_it(home):
    from airflow.plugins_manager import get_plugin_info

    (found,) = entry_points(group="airflow.plugins", name="dagger")
    loaded = [plugin for plugin in get_plugin_info() if plugin["name"] == "dagger"]

    assert found.load().name == "dagger"
    assert len(loaded) == 1
