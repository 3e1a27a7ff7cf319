"""Where values lie: stores, artifacts, commit records, partitioned values and plain locations."""

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
from dagger_providers.storage.locations import read_location, write_location
from dagger_providers.storage.partitions import Partitions, read_value, write_partitions
from dagger_providers.storage.store import Store, open_store
from dagger_providers.storage.values import write_value

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
