"""The launcher `container`: the node command in a container of a Docker or Podman engine."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from airflow.providers.common.compat.sdk import AirflowException
from airflow.providers.docker.exceptions import DockerContainerFailedException
from airflow.providers.docker.operators.docker import DockerOperator
from docker.errors import APIError, DockerException, ImageNotFound, NotFound
from docker.types import Mount

from dagger_providers.airflow.access import protocol_of
from dagger_providers.airflow.node import Node
from dagger_providers.airflow.operators.running import (
    COMMAND,
    Execution,
    environment,
    failure_of,
)
from dagger_providers.airflow.operators.step import LaunchedOperator, rendered, with_defaults
from dagger_providers.errors import one_line
from dagger_providers.model.options import amount
from dagger_providers.storage import open_store

if TYPE_CHECKING:
    from airflow.providers.common.compat.sdk import Context

_OURS = frozenset({"command", "environment"})

_FILES = frozenset({"env_file"})
"""Fields whose text may be the name of a file."""


_LABEL = "dagger-providers."
_OF_TASKS = ("dag_id", "run_id", "task_id", "map_index")
"""The labels that tell which task instance a container is of, beside that of the store."""


class DaggerContainerOperator(LaunchedOperator, DockerOperator):
    """Runs one step of a pipeline in a container of the worker's Docker or Podman engine.

    The image needs a ``python`` with dagger-providers and the pipeline's code. The engine is found
    as `DockerOperator` finds it: by ``docker_url``, else ``DOCKER_HOST``, else Docker's own socket.
    A store that is a folder is mounted at the same place.

    Args:
        node: As `DaggerProcessOperator` takes it.
        index: As `DaggerProcessOperator` takes it.
        store: As `DaggerProcessOperator` takes it.
        store_conn_id: As `DaggerProcessOperator` takes it; the credentials reach the container by
            its environment.
        parameters: As `DaggerProcessOperator` takes them.
        auto_remove: ``force``, always; ``success``, only when it went well; ``never``.
        **kwargs: As `DockerOperator` takes them.
    """

    template_fields: Sequence[str] = rendered(DockerOperator, _OURS)
    ui_color = "#e6eef0"
    runs_in = "container"

    def __init__(
        self,
        *,
        node: Node,
        parameters: Mapping[str, Any] | None = None,
        auto_remove: Literal["never", "success", "force"] = "force",
        **kwargs: Any,
    ) -> None:
        shared = kwargs.get("default_args") or {}
        mounts = kwargs.pop("mounts", shared.get("mounts")) or ()
        super().__init__(
            node=node,
            # Images differ in their entry points.
            entrypoint=["python", *COMMAND],
            environment=environment(node),
            # It is looked at before it goes.
            auto_remove="never",
            # Some releases of the parent take no mounts as data.
            mounts=[one if "Target" in one else Mount(**one) for one in mounts],
            **with_defaults({"mount_tmp_dir": False, **_resources(node)}, kwargs),
        )
        self.parameters = parameters
        self.removed_on = auto_remove

    def _do_render_template_fields(
        self, parent: Any, template_fields: Iterable[str], context: Any, *rest: Any, **more: Any
    ) -> None:
        """Render as the parent does, which takes any text such as ``deploy.sh`` for a file's."""
        own = super()._do_render_template_fields
        if parent is not self:
            own(parent, template_fields, context, *rest, **more)
            return
        own(parent, [n for n in template_fields if n in _FILES], context, *rest, **more)
        with self._texts_only():
            own(parent, [n for n in template_fields if n not in _FILES], context, *rest, **more)

    def _place(self) -> str:
        return f"a container of {self.image}, by {self.docker_url}"

    def _prepare(self, one: Execution) -> None:
        """Say what runs; credentials are in the container's environment and nowhere else."""
        self.command = one.command
        self._private_environment = {**self._private_environment, **one.access.environment}
        if not protocol_of(one.run.store):
            folder = open_store(one.run.store).uri
            # The engine would make it for root.
            Path(folder).mkdir(parents=True, exist_ok=True)
            # One is there in a later try by the same operator, and where the user gave one.
            if all(one["Target"] != folder for one in self.mounts):
                self.mounts.append(Mount(folder, folder, "bind"))

    def _launch(self, one: Execution, setup: ExitStack, context: Context) -> None:
        self._prepare(one)
        setup.close()
        remove = self.removed_on == "force"
        self._find_engine(one)
        try:
            self._take_the_place(one, context["ti"])
            DockerOperator.execute(self, context)
            remove = self.removed_on != "never"
        except DockerContainerFailedException as error:
            raise self._failure(one, error) from error
        except ImageNotFound as error:
            raise AirflowException(
                f"{one.place}: the image {self.image!r} cannot be pulled "
                f"({one_line(error.explanation)}); check its name, and give docker_conn_id for a "
                "private registry"
            ) from error
        except APIError as error:
            what = "did not start" if self.container else f"cannot be made of image {self.image!r}"
            raise AirflowException(
                f"{one.place}: its container {what}: {one_line(error.explanation or error)}"
            ) from error
        finally:
            if remove:
                self._remove()

    def _find_engine(self, one: Execution) -> None:
        try:
            self.cli.ping()
        except (AirflowException, DockerException) as error:
            raise AirflowException(
                f"{one.place}: no engine answers at {self.docker_url} ({one_line(error)}); start "
                "it, or name it by docker_url or the worker's DOCKER_HOST"
            ) from error

    def _take_the_place(self, one: Execution, ti: Any) -> None:
        """Remove what an earlier try left whose worker was killed; label what is going to run."""
        place = {
            f"{_LABEL}store": one.run.store,
            **{f"{_LABEL}{name}": str(getattr(ti, name)) for name in _OF_TASKS},
        }
        wanted: dict[str, Any] = {"label": [f"{name}={text}" for name, text in place.items()]}
        if self.removed_on != "force":
            wanted["status"] = ["created", "running", "paused"]
        for found in self.cli.containers(all=True, filters=wanted):
            self.log.info("container %s of an earlier try is removed", found["Id"])
            with suppress(NotFound):
                self.cli.remove_container(found["Id"], force=True)
        given = self.labels or {}
        asked = given if isinstance(given, dict) else dict.fromkeys(given, "")
        self.labels = {**asked, **place, f"{_LABEL}try_number": str(ti.try_number)}

    def _remove(self) -> None:
        if self.container is not None:
            with suppress(NotFound):
                self.cli.remove_container(self.container["Id"], force=True)

    def on_kill(self) -> None:
        """Stop the container, and remove it as it would be after a failure."""
        if self.container is not None:
            with suppress(NotFound):
                self.cli.stop(self.container["Id"])
        if self.removed_on == "force":
            self._remove()

    def _failure(self, one: Execution, error: DockerContainerFailedException) -> AirflowException:
        """Return what tells Airflow why the container failed, and whether to try again."""
        state = self.cli.inspect_container(self.container["Id"])["State"]
        if state.get("OOMKilled"):
            limit = one.node.resources.get("memory") or self.mem_limit
            return AirflowException(
                f"{one.place}: out of memory: the engine killed it"
                f"{f' at its limit of {limit}' if limit else ''}; give the task more, by "
                "resources={'memory': ...}"
            )
        said = [str(line) for line in error.logs or ()]
        return failure_of(one, state["ExitCode"], said, self.image)


def _resources(node: Node) -> dict[str, Any]:
    """Return what a node asks for, as the operator takes it."""
    asked: dict[str, Any] = {}
    if "cpu" in node.resources:
        asked["cpus"] = amount(node.resources["cpu"])
    if "memory" in node.resources:
        asked["mem_limit"] = int(amount(node.resources["memory"]))
    return asked
