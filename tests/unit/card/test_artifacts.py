"""What is said of values at locations of their own, and the classes that they restore."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from dagger_providers.card.annotations import address_of_class, resolve
from dagger_providers.card.artifacts import artifact_at, is_local, is_of_one_process


@pytest.mark.parametrize(
    ("annotation", "address"),
    [
        (date, "datetime:date"),
        (list[date], "datetime:date[]"),
        (list[list[date]], None),
        (dict[str, date], None),
        (date | None, None),
    ],
)
def test_the_address_of_a_class(annotation: Any, address: str | None) -> None:
    assert address_of_class(annotation) == address
    if address is not None:
        assert resolve(address) == annotation


def test_a_digest_has_one_form() -> None:
    for text in ("AB" * 32, f"sha256:{'ab' * 32}"):
        assert artifact_at("a.json", text).sha256 == "ab" * 32
    assert artifact_at("a.json").sha256 == artifact_at("a.json", "").sha256 == ""


@pytest.mark.parametrize(
    ("uri", "local", "one"),
    [
        ("a.json", True, True),
        ("./a.json", True, True),
        ("/a.json", True, False),
        ("file:///a.json", True, False),
        ("file://a.json", True, True),
        ("s3://b/a.json", False, False),
        ("memory://a.json", False, True),
    ],
)
def test_who_finds_a_location(uri: str, local: bool, one: bool) -> None:
    assert (is_local(uri), is_of_one_process(uri)) == (local, one)
