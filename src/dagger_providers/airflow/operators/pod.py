"""The launcher `kubernetes`: the node command in a pod of the task's image."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator
from airflow.providers.common.compat.sdk import AirflowException, AirflowFailException
from kubernetes.client import models as k8s

from dagger_providers.airflow.node import Node, node_command
from dagger_providers.airflow.operators.running import (
    FAILED,
    MISUSE,
    failure_text,
    indices_of,
    point_to,
    run_of,
    skip_unless_applies,
    where,
)

if TYPE_CHECKING:
    from airflow.providers.common.compat.sdk import Context

COMMAND = ("python", "-m", "dagger_providers", "run-node")

# A card may hold text that looks like a template; nothing of the node command is rendered.
_OURS = frozenset({"cmds", "arguments", "env_vars", "container_resources"})


class DaggerPodOperator(KubernetesPodOperator):
    """Runs one step of a pipeline in a pod.

    The image needs a ``python`` with dagger-providers and the pipeline's code. Values and loop
    indices travel through the store, so that no XCom sidecar is needed.

    Args:
        node: The step.
        index: Which item of each loop around it: ``3``, ``0.2``; empty outside loops.
        store: Path or URI of the store; by default ``[dagger_providers] store_uri``.
        **kwargs: As `KubernetesPodOperator` takes them.
    """

    template_fields: Sequence[str] = (
        "node",
        "index",
        "store",
        *(name for name in KubernetesPodOperator.template_fields if name not in _OURS),
    )
    template_fields_renderers: ClassVar[dict[str, str]] = {}
    ui_color = "#e6ecf5"

    def __init__(
        self, *, node: Node, index: Any = "", store: str | None = None, **kwargs: Any
    ) -> None:
        given: dict[str, Any] = {
            # The default of five seconds is most of what a short task would take.
            "startup_check_interval_seconds": 1,
            "container_resources": _resources(node),
            **kwargs,
        }
        super().__init__(
            cmds=list(COMMAND),
            env_vars={**node.env, "PYTHONHASHSEED": "0"},
            do_xcom_push=False,
            # Whatever [operators] default_deferrable says: indices are read when the pod is done.
            deferrable=False,
            **given,
        )
        self.node = node
        self.index = index
        self.store = store

    def execute(self, context: Context) -> list[str] | None:
        """Run the pod, and return the indices of the loop that the step feeds, if any.

        Raises:
            AirflowSkipException: It is a hook that does not apply.
            AirflowFailException: The user's code failed, after its own retries, or the input is
                wrong; trying again would give the same.
            AirflowException: The infrastructure failed; Airflow may try again.
        """
        run = run_of(context, self.store)
        skip_unless_applies(self.node, self.index, run)
        point_to(self.node, self.index, run, context)
        super().execute(context)
        indices = indices_of(self.node, run)
        # To Kubernetes the option means the sidecar; to Airflow, that a result is a result.
        self.do_xcom_push = indices is not None
        return indices

    def build_pod_request_obj(self, context: Context | None = None, **options: Any) -> k8s.V1Pod:
        """Build the pod as the parent does, with the node command of this run."""
        if context is not None:
            self.arguments = node_command(self.node, self.index, run_of(context, self.store))
        return super().build_pod_request_obj(context, **options)

    def post_complete_action(
        self, *, pod: k8s.V1Pod, remote_pod: k8s.V1Pod, context: Context, **more: Any
    ) -> None:
        """Clean up as the parent does, and tell a failure of the user's code from any other."""
        try:
            super().post_complete_action(pod=pod, remote_pod=remote_pod, context=context, **more)
        except AirflowException as error:
            status = _exit_status(remote_pod, self.base_container_name)
            if status not in {FAILED, MISUSE}:
                raise
            run = run_of(context, self.store)
            said = failure_text(self.node, self.index, run) if status == FAILED else ""
            text = said or f"exit status {status}; the pod's log says why"
            raise AirflowFailException(f"{where(self.node, self.index)} failed: {text}") from error


def _resources(node: Node) -> k8s.V1ResourceRequirements | None:
    """Return what a node asks for, which is also its limit."""
    asked = dict(node.resources)
    return k8s.V1ResourceRequirements(requests=asked, limits=asked) if asked else None


def _exit_status(pod: k8s.V1Pod | None, container: str) -> int | None:
    for status in (pod and pod.status and pod.status.container_statuses) or ():
        if status.name == container and status.state and status.state.terminated:
            found: int = status.state.terminated.exit_code
            return found
    return None
