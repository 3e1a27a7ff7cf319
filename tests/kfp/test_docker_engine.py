"""The same runs in real containers, of an image that the command built."""

from pathlib import Path

import pytest

pytestmark = [pytest.mark.docker, pytest.mark.kfp]


@pytest.fixture(scope="module")
def image(build_image):
    return build_image("kfp_flows.py", cwd=Path(__file__).parent)


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("linear", {"text": "b"}),
        ("mapped", {"source": "s", "n": 0}),
        ("mapped", {"source": "s", "n": 3}),
        ("nested", {"words": ["ab", "", "c"]}),
    ],
)
def test_containers_give_what_the_plain_call_gives(name, parameters, run, flow, image):
    ran = run(name, image=image, runner="auto", **parameters)

    assert ran.result.ok, ran.result.reason + ran.result.log
    assert "Docker engine" in ran.result.engine
    assert ran.outputs == flow(name)(**parameters)
    assert sorted(ran.tasks) == sorted(ran.planned)


def test_a_failed_container_fails_the_run(run, image):
    ran = run("failing", image=image, runner="docker", words=["a", "b", "c"], bad="b")

    assert not ran.result.ok
    assert ran.result.reason == "fail-at[1]: ValueError: no b today"
