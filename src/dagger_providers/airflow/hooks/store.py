"""The connection type `dagger_store`: a store and its credentials, kept by Airflow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from airflow.providers.common.compat.sdk import (
    AirflowFailException,
    AirflowNotFoundException,
    BaseHook,
)
from airflow.sdk.log import mask_secret

from dagger_providers.airflow.access import Access, protocol_of
from dagger_providers.airflow.provider import store_connection
from dagger_providers.errors import DaggerProvidersError, UsageError, one_line
from dagger_providers.storage import new_attempt_id, open_store

_NAMES = {
    "s3": ("key", "secret"),
    "s3a": ("key", "secret"),
    "gs": ("project", "token"),
    "gcs": ("project", "token"),
    "az": ("account_name", "account_key"),
    "abfs": ("account_name", "account_key"),
    "abfss": ("account_name", "account_key"),
}
"""What drivers call a connection's login and password; others say ``username``, ``password``."""

_SECRETS = ("key", "secret", "token", "pass", "credential", "connection_string", "sas")


class DaggerStoreHook(BaseHook):
    """A store of pipelines' values, by a connection of type ``dagger_store``.

    The connection's host is the store's URI, login and password are the key and the secret that
    its driver takes, and extra holds any other option of the driver, such as ``endpoint_url``.

    Args:
        store_conn_id: The connection.
        **kwargs: As `BaseHook` takes them.
    """

    conn_name_attr = "store_conn_id"
    default_conn_name = "dagger_store_default"
    conn_type = "dagger_store"
    hook_name = "Dagger store"

    def __init__(self, store_conn_id: str = default_conn_name, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.store_conn_id = store_conn_id

    # Later releases of Airflow read the form from the provider's metadata; 3.1 asks for it here.

    @staticmethod
    def get_ui_field_behaviour() -> dict[str, Any]:
        """Return how the form shows the fields that all connections have."""
        told = store_connection()["ui-field-behaviour"]
        return {name.replace("-", "_"): value for name, value in told.items()}

    @staticmethod
    def get_connection_form_widgets() -> dict[str, Any]:
        """Return the form's fields for extra."""
        from flask_appbuilder.fieldwidgets import BS3TextFieldWidget
        from wtforms import StringField

        return {
            name: StringField(
                field["label"], description=field["description"], widget=BS3TextFieldWidget()
            )
            for name, field in store_connection()["conn-fields"].items()
        }

    def get_conn(self) -> Access:
        """Return how the store is reached."""
        return self.access()

    def access(self, store: str | None = None) -> Access:
        """Return how a store is reached by the connection.

        Args:
            store: Path or URI of the store; by default the connection's.

        Raises:
            AirflowFailException: There is no such connection, or it is of another type, names no
                store, or has credentials for a store without any.
        """
        try:
            found = self.get_connection(self.store_conn_id)
        except AirflowNotFoundException:
            raise AirflowFailException(
                f"no connection {self.store_conn_id!r}; add one of type {self.conn_type!r}, or "
                "name another by store_conn_id"
            ) from None
        name = f"connection {self.store_conn_id!r}"
        if found.conn_type != self.conn_type:
            raise AirflowFailException(
                f"{name} is of type {found.conn_type!r}, expected {self.conn_type!r}"
            )
        uri = store or found.host
        if not uri:
            raise AirflowFailException(
                f"{name} names no store; give it a URI, such as s3://bucket/runs, as its host"
            )
        protocol = protocol_of(found.host or uri)
        login, password = _NAMES.get(protocol, ("username", "password"))
        given = {login: found.login, password: found.password, **found.extra_dejson}
        options = {option: value for option, value in given.items() if value not in (None, "")}
        if options and not protocol:
            raise AirflowFailException(
                f"{name}: a local store has no credentials and options, but got "
                f"{', '.join(sorted(options))}; give a URI, such as s3://bucket/runs"
            )
        access = Access(uri, protocol, options)
        for secret in (*_secrets(options), *access.environment.values()):
            mask_secret(secret)
        return access

    def test_connection(self) -> tuple[bool, str]:
        """Write, read and remove a small file in the store; return whether that went well."""
        try:
            access = self.access()
        except AirflowFailException as error:
            return False, one_line(error)
        try:
            with access.here():
                _try(access.uri)
        except DaggerProvidersError as error:
            told = one_line(error)
            for secret in _secrets(access.options):
                told = told.replace(secret, "***")
            return False, told
        return True, f"{access.uri} can be written and read"


def _try(uri: str) -> None:
    store, name = open_store(uri), f".connection-test-{new_attempt_id()}"
    store.write_atomic(name, b"test")
    try:
        if store.read_bytes(name) != b"test":
            raise UsageError(f"{uri} gives other bytes than were written")
    finally:
        store.remove(name)


def _secrets(options: Mapping[str, Any]) -> Iterator[str]:
    """Yield the texts among options, nested ones too, that nobody should see."""
    for name, value in options.items():
        if isinstance(value, Mapping):
            yield from _secrets(value)
        elif isinstance(value, str) and any(word in name.lower() for word in _SECRETS):
            yield value
