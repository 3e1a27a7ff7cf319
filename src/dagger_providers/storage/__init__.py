"""Where values lie: stores, artifacts, commit records, partitioned values and plain locations."""

from typing import TYPE_CHECKING, Any

from dagger_providers.storage.artifact import Artifact
from dagger_providers.storage.commits import (
    CommitRecord,
    new_attempt_id,
    read_commit,
    write_commit,
)
from dagger_providers.storage.documents import (
    canonical_json,
    check_format,
    read_document,
    write_document,
)
from dagger_providers.storage.hashing import identity_of_directory, identity_of_list
from dagger_providers.storage.partitions import Partitions, read_value, write_partitions
from dagger_providers.storage.store import Store, open_store
from dagger_providers.storage.values import write_value

if TYPE_CHECKING:
    from dagger_providers.storage.locations import read_location, write_location

__all__ = [
    "Artifact",
    "CommitRecord",
    "Partitions",
    "Store",
    "canonical_json",
    "check_format",
    "identity_of_directory",
    "identity_of_list",
    "new_attempt_id",
    "open_store",
    "read_commit",
    "read_document",
    "read_location",
    "read_value",
    "write_commit",
    "write_document",
    "write_location",
    "write_partitions",
    "write_value",
]


def __getattr__(name: str) -> Any:
    """Import what few containers need when it is first used."""
    if name not in {"read_location", "write_location"}:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from dagger_providers.storage import locations

    return getattr(locations, name)
