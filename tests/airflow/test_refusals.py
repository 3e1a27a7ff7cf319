"""What is refused before a DAG is made is what Airflow itself refuses."""

import pytest

from dagger_providers.airflow.refusals import refusals
from dagger_providers.model import DAG, Task
from dagger_providers.planning import plan
from dagger_providers.planning.capabilities import Deployment


@pytest.mark.parametrize("name", ["a", "a.b-c_d", "ärger", "a b", "", "a/b", "n" * 250, "n" * 251])
def test_names_of_dags(name):
    from airflow import sdk

    model = DAG({"t": Task("m:f")})
    found = [r.rule.id for r in refusals(model, plan(model), Deployment("process"), name)]

    try:
        sdk.DAG(dag_id=name, schedule=None)
    except ValueError:
        assert found == ["airflow/dag-id"]
    else:
        assert found == []
