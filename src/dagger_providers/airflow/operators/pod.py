"""The launcher `kubernetes`: the node command in a pod of the task's image."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from inspect import signature
from typing import TYPE_CHECKING, Any

from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator
from airflow.providers.common.compat.sdk import (
    AirflowException,
    AirflowSkipException,
    AirflowTaskTimeout,
)
from kubernetes.client import ApiException
from kubernetes.client import models as k8s

from dagger_providers.airflow.known_options import POD
from dagger_providers.airflow.node import Node
from dagger_providers.airflow.operators.pod_spec import (
    PARTS,
    as_models,
    resources_of,
    variables_of,
)
from dagger_providers.airflow.operators.pod_state import ENDED, exit_status, tail, trouble
from dagger_providers.airflow.operators.running import (
    COMMAND,
    FAILED,
    MISUSE,
    Execution,
    environment,
    failure_of,
)
from dagger_providers.airflow.operators.step import LaunchedOperator, rendered, with_defaults
from dagger_providers.airflow.settings import option
from dagger_providers.errors import UsageError, one_line

if TYPE_CHECKING:
    from airflow.providers.common.compat.sdk import Context

# A task's own resources and variables, and the card, are text as it is.
_NOT_RENDERED = frozenset({"cmds", "arguments", "container_resources"})

_COMMAND = "the node command is ours; what has to run before it can be one of init_containers"
_SIDECAR = "values travel through the store, never by a sidecar; leave it out"
_OURS = {
    "arguments": _COMMAND,
    "cmds": _COMMAND,
    "do_xcom_push": _SIDECAR,
    "xcom_sidecar_container_security_context": _SIDECAR,
}

_WANTED: dict[str, Any] = {
    # The default of five seconds is most of what a short task would take.
    "startup_check_interval_seconds": 1,
    # The failure of a pod that does not start is told anyway; a poll reads a whole namespace.
    "log_events_on_startup": False,
    "container_name_log_prefix_enabled": False,
    # So that a pod's status tells what was written last, also where no log can be read.
    "termination_message_policy": "FallbackToLogsOnError",
    # Pages, after the line that tells what went wrong.
    "log_pod_spec_on_failure": False,
}
# Older releases do not know all of them.
_KNOWN = signature(KubernetesPodOperator.__init__).parameters
_DEFAULTS = {name: value for name, value in _WANTED.items() if name in _KNOWN}

# What the trigger of a deferred task says when its time is over.
_DEADLINE = "execution_timeout deadline"

_FORBIDDEN, _NOT_FOUND, _CONFLICT = 403, 404, 409


class DaggerPodOperator(LaunchedOperator, KubernetesPodOperator):
    """Runs one step of a pipeline in a pod.

    The image needs a ``python`` with dagger-providers and the pipeline's code. Values and loop
    indices travel through the store, so that no XCom sidecar is needed, in deferrable mode neither.

    Args:
        node: As `DaggerProcessOperator` takes it.
        index: As `DaggerProcessOperator` takes it.
        store: As `DaggerProcessOperator` takes it.
        store_conn_id: As `DaggerProcessOperator` takes it; the credentials reach the pod by a
            Secret that is made for it and goes with it.
        parameters: As `DaggerProcessOperator` takes them.
        store_secret: A Secret that exists in the pod's namespace and holds the store's
            credentials as environment variables, instead; by default
            ``[dagger_providers] store_secret``, if any.
        **kwargs: As `KubernetesPodOperator` takes them; parts of the pod also as manifests write
            them, such as ``volumes=[{"name": "data", "emptyDir": {}}]``. ``env_vars`` and
            ``container_resources`` are beside the task's own.

    Raises:
        UsageError: An argument is given that the node command fills, such as ``cmds``, or that the
            installed `KubernetesPodOperator` does not know.
    """

    template_fields: Sequence[str] = rendered(KubernetesPodOperator, _NOT_RENDERED)
    ui_color = "#e6ecf5"
    runs_in = "pod"

    def __init__(
        self,
        *,
        node: Node,
        parameters: Mapping[str, Any] | None = None,
        store_secret: str | None = None,
        **kwargs: Any,
    ) -> None:
        shared = kwargs.get("default_args") or {}
        _check_arguments(kwargs, shared)
        parts = {name: shared[name] for name in PARTS if name in shared}
        given = as_models(with_defaults(_DEFAULTS, {**parts, **kwargs}))
        for name in _OURS:  # of a mapped task, as a DAG's default_args have it
            given.pop(name, None)
        resources = resources_of(node.resources, given.pop("container_resources", None))
        super().__init__(
            node=node,
            cmds=["python", *COMMAND],
            container_resources=resources,
            do_xcom_push=False,
            **given,
        )
        self.parameters = parameters
        self.store_secret = store_secret
        self._one: Execution | None = None
        self._setup = ExitStack()

    def _place(self) -> str:
        return f"a pod of {self.image}"

    def _launch(self, one: Execution, setup: ExitStack, context: Context) -> None:
        self._one, self._setup = one, setup
        KubernetesPodOperator.execute(self, context)

    def trigger_reentry(self, context: Context, event: dict[str, Any]) -> Any:
        """Go on when the pod has ended, as `execute` does.

        Raises:
            AirflowFailException: The user's code failed, after its own retries, or the input is
                wrong; trying again would give the same.
            AirflowException: The infrastructure failed; Airflow may try again.
            TaskDeferred: It has not ended yet.
        """
        with self._executing(context) as self._one:
            try:
                super().trigger_reentry(context, event)
            except ApiException as error:
                # Earlier parents do not expect a pod to be gone; what it wrote is not.
                if error.status != _NOT_FOUND or event["status"] != "success":
                    raise
            return self._finished(self._one, context)

    def _clean(self, event: dict[str, Any], *given: Any, **named: Any) -> None:
        # Earlier parents would look at a pod that is gone, and fail by that.
        if self.pod is not None:
            super()._clean(event, *given, **named)

    def _finished(self, one: Execution, context: Context) -> Any:
        result = super()._finished(one, context)
        # To Kubernetes the option means the sidecar; to Airflow, that a result is a result.
        self.do_xcom_push = result is not None
        return result

    def build_pod_request_obj(self, context: Context | None = None, **options: Any) -> k8s.V1Pod:
        """Build the pod as the parent does, with the node command of this run."""
        self.env_vars = variables_of(self.env_vars, environment(self.node))
        if context is None:
            return super().build_pod_request_obj(context, **options)
        with self._executing(context) as one:
            self.arguments = one.command
            pod = super().build_pod_request_obj(context, **options)
            secret = self._existing_secret or (one.access.options and _own_secret(pod))
        if secret:
            source = k8s.V1EnvFromSource(secret_ref=k8s.V1SecretEnvSource(name=secret))
            for container in pod.spec.containers:
                if container.name == self.base_container_name:
                    container.env_from = [*(container.env_from or ()), source]
        return pod

    @property
    def _existing_secret(self) -> str:
        return self.store_secret or option("store_secret")

    def get_or_create_pod(self, pod_request_obj: k8s.V1Pod, context: Context) -> k8s.V1Pod:
        """Return the pod of this task, made if there is none, with its Secret.

        Raises:
            AirflowException: The Secret cannot be made.
        """
        pod = self._of_earlier_try(pod_request_obj, context)
        if pod is None:
            pod = super().get_or_create_pod(pod_request_obj, context)
        assert self._one is not None  # noqa: S101 - of `execute`
        if self._one.access.options and not self._existing_secret and _has_not_begun(pod):
            self._give_secret(pod, self._one)
        return pod

    def _of_earlier_try(self, pod_request_obj: k8s.V1Pod, context: Context) -> k8s.V1Pod | None:
        """Return the pod of an earlier try that runs, or whose end is final and was not seen.

        The parent would run one that has ended again, since its XCom is lost; ours is in the store.
        It is asked for once: the parent would ask again, and one that ended meanwhile is run twice.
        """
        if context["ti"].try_number <= 1 or not self.reattach_on_restart:
            return None
        found = self.find_pod(pod_request_obj.metadata.namespace, context)
        if found is None:
            return None
        name = found.metadata.name
        if not _has_ended(found):
            self.log.info("pod %s of an earlier try runs: it is waited for", name)
            return found
        if exit_status(found, self.base_container_name) not in {0, FAILED, MISUSE}:
            return None
        self.log.info("pod %s of an earlier try has ended meanwhile: it is not run again", name)
        return found

    def _give_secret(self, pod: k8s.V1Pod, one: Execution) -> None:
        """Make the Secret that a pod waits for, owned by the pod and so removed with it."""
        name, namespace = pod.metadata.name, pod.metadata.namespace
        found = self.hook.get_pod(name, namespace)
        owner = k8s.V1OwnerReference(
            api_version="v1", kind="Pod", name=name, uid=found.metadata.uid
        )
        secret = k8s.V1Secret(
            metadata=k8s.V1ObjectMeta(
                name=_own_secret(pod),
                namespace=namespace,
                labels=found.metadata.labels,
                owner_references=[owner],
            ),
            string_data=one.access.environment,
            immutable=True,
        )
        try:
            # Read, the answer is logged where the level is DEBUG: the Secret.
            self.client.create_namespaced_secret(namespace, secret, _preload_content=False)
        except ApiException as error:
            if error.status == _CONFLICT:  # of an earlier try, whose pod this is
                return
            self.pod_manager.delete_pod(pod)
            may = "may not make" if error.status == _FORBIDDEN else "cannot make"
            raise AirflowException(
                f"{one.place}: {may} a Secret in namespace {namespace!r} for the store's "
                f"credentials ({error.reason}); let the worker's service account create secrets, "
                "or name one by [dagger_providers] store_secret"
            ) from None

    def await_pod_start(self, pod: k8s.V1Pod) -> None:
        """Wait as the parent does; what follows is the user's output."""
        with self._setup:
            super().await_pod_start(pod)

    def cleanup(self, pod: k8s.V1Pod, remote_pod: k8s.V1Pod, *given: Any, **more: Any) -> None:
        """Clean up as the parent does, and tell in one line what went wrong, if anything did.

        Raises:
            AirflowFailException: The user's code failed, or the input is wrong.
            AirflowException: The infrastructure failed.
        """
        ended = self._as_it_is(remote_pod)
        interrupted = sys.exception()
        try:
            super().cleanup(pod, remote_pod, *given, **more)
        except AirflowSkipException:
            raise
        except AirflowException as error:
            assert self._one is not None  # noqa: S101 - of `execute` or `trigger_reentry`
            raise self._failure(self._one, ended, interrupted) from error

    def _as_it_is(self, pod: k8s.V1Pod | None) -> k8s.V1Pod | None:
        """Return a pod as it is by now: an interrupted parent knows it as it was."""
        if pod is None or _has_ended(pod):
            return pod
        try:
            return self.pod_manager.read_pod(pod)
        except (AirflowException, ApiException):
            return pod

    def _failure(
        self, one: Execution, pod: k8s.V1Pod, interrupted: BaseException | None
    ) -> AirflowException:
        """Return what tells Airflow why a pod failed, and whether to try again."""
        status = exit_status(pod, self.base_container_name)
        told = trouble(pod, self.base_container_name)
        if told:
            return AirflowException(f"{one.place}: {told}")
        over = isinstance(interrupted, AirflowTaskTimeout) or _DEADLINE in str(interrupted)
        if status in {FAILED, MISUSE} or (status is not None and not over):
            said = tail(pod, self.base_container_name)
            return failure_of(one, status, said, self.image)
        if over:
            return AirflowException(
                f"{one.place}: not done within execution_timeout, which is {self.execution_timeout}"
            )
        return AirflowException(f"{one.place}: {_interruption(interrupted, pod)}")

    def _write_logs(  # type: ignore[override]
        self, pod: k8s.V1Pod, follow: bool = False, since_time: Any = None
    ) -> None:
        """Log what a pod wrote while nobody looked, as if somebody had.

        One that is still there, as after its time, is not followed: it would be waited for.
        """
        del follow
        known = signature(self.pod_manager.fetch_container_logs).parameters
        prefix = "container_name_log_prefix_enabled"
        options: Any = {prefix: self.container_name_log_prefix_enabled} if prefix in known else {}
        self.pod_manager.fetch_container_logs(
            pod, self.base_container_name, follow=False, since_time=since_time, **options
        )


def _interruption(error: BaseException | None, pod: k8s.V1Pod | None) -> str:
    """Return in one line what ended the wait for a pod whose status tells nothing."""
    if pod is not None and isinstance(error, ApiException) and error.status == _NOT_FOUND:
        return f"its pod {pod.metadata.name} was deleted while it ran, as when a node is drained"
    return one_line(error or "its pod failed")


def _has_ended(pod: k8s.V1Pod) -> bool:
    return pod.status is not None and pod.status.phase in ENDED


def _has_not_begun(pod: k8s.V1Pod) -> bool:
    """Return whether a pod may still wait for its Secret; what is only asked for has no status."""
    return pod.status is None or pod.status.phase == "Pending"


def _own_secret(pod: k8s.V1Pod) -> str:
    """Return the name of the Secret that is made for a pod."""
    return f"{pod.metadata.name}-store"


def _check_arguments(given: Mapping[str, Any], shared: Mapping[str, Any]) -> None:
    for name, why in _OURS.items():
        if name in given and name not in shared:
            raise UsageError(f"task {given.get('task_id')!r} is given {name}, but {why}")
    for name in given.keys() & POD.keys() - _KNOWN.keys():
        raise UsageError(
            f"task {given.get('task_id')!r} is given {name}, which the KubernetesPodOperator that "
            "is installed does not know; leave it out, or install a later release of "
            "apache-airflow-providers-cncf-kubernetes"
        )
