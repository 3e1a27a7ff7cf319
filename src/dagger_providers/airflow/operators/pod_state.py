"""What a pod's status tells of how it ended, or why it did not start."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dagger_providers.errors import one_line

if TYPE_CHECKING:
    from kubernetes.client import models as k8s

ENDED = frozenset({"Succeeded", "Failed"})
"""The phases of a pod that is over."""

_TAIL_BYTES, _TAIL_LINES = 2048, 80

_NO_IMAGE = frozenset({"ErrImageNeverPull", "ErrImagePull", "ImagePullBackOff", "InvalidImageName"})
_NO_START = frozenset({"ContainerCannotRun", "RunContainerError", "StartError"})
_NO_CONFIG = frozenset({"CreateContainerConfigError", "CreateContainerError"})


def exit_status(pod: k8s.V1Pod, container: str) -> int | None:
    """Return the exit status of a container; None while it has not ended."""
    ended = _ended(pod, container)
    return None if ended is None else ended.exit_code


def tail(pod: k8s.V1Pod, container: str) -> list[str]:
    """Return the last lines that a failed container wrote; none when they may be cut.

    Its ``terminationMessagePolicy`` must be ``FallbackToLogsOnError``, of which Kubernetes keeps
    80 lines or 2,048 bytes.
    """
    ended = _ended(pod, container)
    message = (ended and ended.message) or ""
    lines = message.splitlines()
    cut = len(message.encode()) >= _TAIL_BYTES or len(lines) >= _TAIL_LINES
    return [] if cut else lines


def trouble(pod: k8s.V1Pod, container: str) -> str:
    """Return in one line what kept a pod from running to its own end, and what to do about it.

    Empty when its status tells of nothing but an exit status.
    """
    return one_line(next(_troubles(pod, container), ""), 1000)


def _troubles(pod: k8s.V1Pod, container: str) -> Iterator[str]:
    ended = _ended(pod, container)
    if ended is not None and ended.reason == "OOMKilled":
        yield (
            f"out of memory: Kubernetes killed it{_at_its_limit(pod, container)}; give the task "
            "more, by resources={'memory': ...}"
        )
    if ended is not None and ended.reason in _NO_START:
        yield (
            f"its container did not start ({ended.message}); the image {_image(pod, container)!r} "
            "needs a python with dagger-providers"
        )
    yield from _ended_by_the_cluster(pod)
    yield from _waits(pod, container)
    for condition in pod.status.conditions or ():
        if condition.type == "PodScheduled" and condition.status == "False":
            yield (
                f"no node took its pod ({condition.message}); ask for less, by resources, "
                "node_selector or tolerations, or add a node"
            )


def _ended_by_the_cluster(pod: k8s.V1Pod) -> Iterator[str]:
    reason, message = pod.status.reason, pod.status.message or "no reason given"
    if reason == "Evicted":
        yield (
            f"its pod was evicted ({message}); ask for what it needs, by resources, so that it is "
            "put on a node that has it"
        )
    elif reason == "DeadlineExceeded":
        yield "its pod did not end within active_deadline_seconds; give it more"
    elif reason:
        yield f"Kubernetes ended its pod: {reason} ({message})"


def _waits(pod: k8s.V1Pod, container: str) -> Iterator[str]:
    status = _status(pod, container)
    waiting = status and status.state and status.state.waiting
    if not waiting:
        return
    image, message = _image(pod, container), waiting.message or "no reason given"
    if waiting.reason in _NO_IMAGE:
        yield (
            f"the image {image!r} cannot be pulled: {waiting.reason} ({message}); check its name, "
            "and give image_pull_secrets for a private registry"
        )
    elif waiting.reason in _NO_CONFIG:
        yield (
            f"its container cannot be made: {waiting.reason} ({message}); make the Secret, "
            "ConfigMap or volume that is named there"
        )
    elif waiting.reason in _NO_START:
        yield f"its container did not start: {waiting.reason} ({message})"


def _status(pod: k8s.V1Pod, container: str) -> k8s.V1ContainerStatus | None:
    found = pod.status.container_statuses or ()
    return next((status for status in found if status.name == container), None)


def _ended(pod: k8s.V1Pod, container: str) -> k8s.V1ContainerStateTerminated | None:
    status = _status(pod, container)
    return status.state.terminated if status and status.state else None


def _spec(pod: k8s.V1Pod, container: str) -> k8s.V1Container | None:
    return next((one for one in pod.spec.containers if one.name == container), None)


def _image(pod: k8s.V1Pod, container: str) -> str:
    found = _spec(pod, container)
    return found.image if found else ""


def _at_its_limit(pod: k8s.V1Pod, container: str) -> str:
    found = _spec(pod, container)
    limits = (found and found.resources and found.resources.limits) or {}
    return f" at its limit of {limits['memory']}" if "memory" in limits else ""
