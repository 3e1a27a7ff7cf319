"""What cannot be recorded is refused when it is built, in one line that says what to write."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.refused import REFUSED
from dagger_providers.dsl import DagFunction
from dagger_providers.errors import BuildError
from dagger_providers.testing import parity


@pytest.mark.parametrize("pipeline", REFUSED, ids=lambda pipeline: pipeline.__name__)
def test_is_refused(pipeline: DagFunction[..., Any]) -> None:
    with pytest.raises(BuildError) as refused:
        pipeline.build()

    assert "\n" not in str(refused.value)
    assert REFUSED[pipeline] in str(refused.value)


def test_parity_refuses_it_too() -> None:
    with pytest.raises(BuildError, match="carries a value"):
        parity(["conformance.refused:fold"], {"xs": [1]}, on=["plain", "local"])
