"""What every manifest of containers says of a step: its command, its card, its image, its store."""

from __future__ import annotations

from dagger_providers.card import dumps, in_image
from dagger_providers.card.argv import card_options
from dagger_providers.card.functions import LIVE_PREFIX
from dagger_providers.errors import CapabilityError, UsageError
from dagger_providers.planning.plan import Step

COMMAND = ("python", "-m", "dagger_providers", "run-node")


def check_store(store: str) -> None:
    """Refuse a store that containers would not find.

    Raises:
        UsageError: It is a relative path.
    """
    if "://" not in store and not store.startswith("/"):
        raise UsageError(
            f"store {store!r} means another folder in each container; give a URI such as "
            "s3://bucket/runs, or an absolute path that is mounted"
        )


def image_of(step: Step, image: str | None, target: str) -> str:
    """Return the image of a step: its own, else the pipeline's.

    Raises:
        CapabilityError: There is none.
    """
    found = step.options.image or image
    if not found:
        raise CapabilityError(
            target,
            f"task {step.address!r} has no image to run in",
            "compile with image=..., or give the task one",
        )
    return found


def card_words(step: Step, store: str, target: str, image: str) -> list[str]:
    """Return the options of the node command that give it the step's card.

    Engines of manifests look for ``{{`` in all texts; the card's text has none.

    Args:
        step: What is run.
        store: The store that holds all runs.
        target: What errors call the engine.
        image: The image that it runs in.

    Raises:
        CapabilityError: No container can import what the step runs.
    """
    text = dumps(in_image(step.card, image))
    if f'"{LIVE_PREFIX}' in text:
        raise CapabilityError(
            target,
            f"task {step.address!r} needs a function that lives only in this process (one of a "
            "notebook, or inside another function)",
            "define it at the top level of a module or file",
        )
    return card_options(without_braces(text), store)


def without_braces(text: str) -> str:
    """Return JSON text that no engine takes for a template of its own.

    It never holds ``{{``, which stands in JSON only inside strings.
    """
    return text.replace("{{", "{\\u007b")
