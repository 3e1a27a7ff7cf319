"""One run of one DAG has one folder, whatever its names hold."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dagger_providers.airflow.identity import run_name


@pytest.mark.parametrize(
    ("run_id", "segment"),
    [
        ("manual__2026-01-01T00:00:00+00:00", "manual__2026-01-01T00~3A00~3A00~2B00~3A00"),
        ("a/b", "a~2Fb"),
        ("..", "~2E~2E"),
        ("a~2Fb", "a~7E2Fb"),
        ("é", "~C3~A9"),
    ],
)
def test_a_segment_is_readable(run_id, segment):
    assert run_name("d.1", run_id) == f"airflow/d.1/{segment}"


@settings(deadline=None, max_examples=50)
@given(st.text(min_size=1), st.text(min_size=1))
def test_different_runs_have_different_folders(one, other):
    assert (run_name("d", one) == run_name("d", other)) == (one == other)


@settings(deadline=None, max_examples=50)
@given(st.text(min_size=1, max_size=300))
def test_a_segment_is_a_name_of_a_file_anywhere(run_id):
    segment = run_name("d", run_id).removeprefix("airflow/d/")

    assert 1 <= len(segment) <= 200
    assert segment not in {".", ".."}
    assert all(c.isascii() and (c.isalnum() or c in "_-.~") for c in segment)
