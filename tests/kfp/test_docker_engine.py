"""The same runs in real containers, where a Docker engine has an image with this package.

The image, named by KFP_TEST_IMAGE, has `python`, `dagger_providers` and `kfp_flows.py` on its path:

    FROM python:3.12-slim
    COPY src/dagger_providers /app/dagger_providers
    COPY tests/kfp/kfp_flows.py /app
    RUN pip install fsspec tenacity
    ENV PYTHONPATH=/app
"""

import os

import pytest

from dagger_providers.testing.host_docker import docker_engine

IMAGE = os.environ.get("KFP_TEST_IMAGE", "")


@pytest.fixture(scope="module", autouse=True)
def engine():
    if not IMAGE:
        pytest.skip("KFP_TEST_IMAGE names no image")
    name, why = docker_engine([IMAGE])
    if not name:
        pytest.skip(f"no Docker engine for this: {why}")
    return name


pytestmark = [pytest.mark.kfp, pytest.mark.slow]


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("linear", {"text": "b"}),
        ("mapped", {"source": "s", "n": 0}),
        ("mapped", {"source": "s", "n": 3}),
        ("nested", {"words": ["ab", "", "c"]}),
    ],
)
def test_containers_give_what_the_plain_call_gives(name, parameters, run, flow, engine):
    ran = run(name, image=IMAGE, runner="auto", **parameters)

    assert ran.result.ok, ran.result.reason + ran.result.log
    assert engine in ran.result.engine
    assert ran.outputs == flow(name)(**parameters)
    assert sorted(ran.tasks) == sorted(ran.planned)


def test_a_failed_container_fails_the_run(run):
    ran = run("failing", image=IMAGE, runner="docker", words=["a", "b", "c"], bad="b")

    assert not ran.result.ok
    assert ran.result.reason == "fail-at[1]: ValueError: no b today"
