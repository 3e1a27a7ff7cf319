"""Options of the node command for texts that may be too long for a command line."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256

from dagger_providers.storage import open_store

ARGV_LIMIT = 8192
"""Bytes of a card, or of all parameters, above which they go through the store.

Linux takes 131,071 bytes an argument; a manifest repeats its cards in the engine's database.
"""


def card_options(card: str, store: str) -> list[str]:
    """Return the options that give a node its card.

    Args:
        card: The card's JSON text.
        store: The store that holds all runs; a long card is put there, under ``cards/``.
    """
    if len(card.encode()) <= ARGV_LIMIT:
        return ["--card", card]
    return ["--card-file", keep(open_store(store).join("cards"), card)]


def parameter_options(texts: Mapping[str, str], folder: str) -> list[str]:
    """Return the options that give a node its parameters.

    Args:
        texts: The JSON text of each parameter.
        folder: The run's folder; long parameters are put there, under ``parameters/``.
    """
    if sum(len(text.encode()) for text in texts.values()) <= ARGV_LIMIT:
        return [word for name, text in texts.items() for word in ("--param", name, text)]
    from json import dumps

    whole = ",".join(f"{dumps(name)}:{text}" for name, text in texts.items())
    return ["--params-file", keep(open_store(folder).join("parameters"), f"{{{whole}}}")]


def keep(folder: str, text: str) -> str:
    """Put a text into a folder by its digest, if it is not there, and return its location."""
    data = text.encode()
    store, name = open_store(folder), f"{sha256(data).hexdigest()}.json"
    if not store.exists(name):
        store.write_atomic(name, data)
    return store.join(name)
