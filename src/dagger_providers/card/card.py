"""A card: all that one container needs to run one node."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from dagger_providers.card import axes as axis_forms
from dagger_providers.card import bindings
from dagger_providers.card.axes import Axis
from dagger_providers.card.bindings import Binding, Step
from dagger_providers.errors import FormatError, one_line
from dagger_providers.serializers import SerializerSpec
from dagger_providers.serializers.records import EMPTY, Record, replace
from dagger_providers.storage import check_format

FORMAT = "dagger-providers.card"
MAJOR = 1


class OutputCard(Record):
    """How one output is taken from the function's result and written.

    Attributes:
        path: Steps from the return value to the output.
        serializer: What writes it (each item of it, when partitioned).
        partitioned: Whether it is written item by item.
    """

    path: tuple[Step, ...]
    serializer: SerializerSpec
    partitioned: bool = False


class Policy(Record):
    """How often and how long the function is tried.

    Attributes:
        retries: Tries after the first.
        retry_delay: Seconds before the second try.
        retry_backoff: The factor by which each later delay grows.
        timeout: Seconds that one try may take; None for no limit.
    """

    retries: int = 0
    retry_delay: float = 0.0
    retry_backoff: float = 1.0
    timeout: float | None = None


class Cache(Record):
    """That a result may be taken from an earlier run, and what counts beside code and inputs.

    Attributes:
        label: The user's own part of the key.
        env: The digest of the environment variables that the task asks for; empty: none.
        image: The container image; empty where none is known to run it.
    """

    label: str = ""
    env: str = ""
    image: str = ""


class Turns(Record):
    """How a card's body is repeated.

    Attributes:
        axis: The axis that counts the turns; it is in the space of all cards of the body.
        until: Read after each turn; True ends the repetition.
        max_iterations: So many turns at most.
        returns: Whether the last of these turns counts when ``until`` was never True; else the
            repetition fails.
    """

    axis: str
    until: Binding
    max_iterations: int
    returns: bool = False


class Stage(Record):
    """Cards of a body that run together, once for each index of their space."""

    space: tuple[str, ...]
    cards: tuple[Card, ...]


class Card(Record):
    """One node, ready to run.

    Attributes:
        address: The node's dotted address.
        function: Its reference; empty for a card with a body, and for a step that only tells what
            ``emits`` or ``decides`` say.
        signature: The function's arguments when the manifest was made; see `signature_text`.
        within: The node's index space.
        axes: Every axis that a binding names.
        inputs: A binding for each argument; of a repetition, what its first turn gets.
        outputs: What is stored of the result.
        policy: Tries and time limits.
        emits: A space whose indices an orchestrator needs once this step is done. Of one loop in
            the node's own space: the positions of that loop.
        decides: Guards of one switch, or of one failure, of which an orchestrator needs to know
            which is open once this step is done.
        on_failure: The reference of the function whose result stands in when all tries failed.
        allow_failure: Whether a failure is only noted, and what depends on the result left out.
        body: Cards that run in this one's place, in order.
        turns: How the body is repeated; None to run it once.
        when: Of a hook: ``on_success``, ``on_failure`` or ``on_exit``; run when that does not
            apply, it does nothing.
        cache: Whether its result may be taken from an earlier run; None: it may not.
    """

    address: str
    function: str = ""
    signature: str = ""
    within: tuple[str, ...] = ()
    axes: Mapping[str, Axis] = EMPTY
    inputs: Mapping[str, Binding] = EMPTY
    outputs: Mapping[str, OutputCard] = EMPTY
    policy: Policy = Policy()
    emits: tuple[str, ...] = ()
    decides: tuple[str, ...] = ()
    on_failure: str = ""
    allow_failure: bool = False
    body: tuple[Stage, ...] = ()
    turns: Turns | None = None
    when: str = ""
    cache: Cache | None = None

    @property
    def executes(self) -> bool:
        """Whether it runs code, and does not only list indices."""
        return bool(self.function or self.body)

    def every(self) -> Iterator[Card]:
        """Yield all cards of its body, and of theirs."""
        for stage in self.body:
            for card in stage.cards:
                yield card
                yield from card.every()

    @property
    def may_recover(self) -> bool:
        """Whether it, or a card of its body, may succeed where a call of its function raises."""
        own = self.policy.retries or self.on_failure or self.allow_failure or self.cache
        return bool(own) or any(card.may_recover for card in self.every())

    @property
    def inside(self) -> tuple[str, ...]:
        """The addresses of all cards of its body, and of theirs."""
        return tuple(card.address for card in self.every())

    @property
    def functions(self) -> tuple[str, ...]:
        """The references of all functions that it may call, also in its body."""
        named = ((card.function, card.on_failure) for card in (self, *self.every()))
        return tuple(name for names in named for name in names if name)


def with_axes(card: Card, axes: Mapping[str, Axis]) -> Card:
    """Return a card whose body's cards, and itself, know these axes."""
    body = tuple(
        Stage(stage.space, tuple(with_axes(inner, axes) for inner in stage.cards))
        for stage in card.body
    )
    return replace(card, axes=axes, body=body)


def in_image(card: Card, image: str) -> Card:
    """Return a card whose cached results, also those of its body, count for one image only."""
    return _cached_in(card, image=image)


def in_environment(card: Card, env: str) -> Card:
    """Return a card whose cached results, also those of its body, count for one environment only.

    Args:
        card: What runs in it.
        env: The digest of its environment variables.
    """
    return _cached_in(card, env=env)


def _cached_in(card: Card, **known: str) -> Card:
    if not card.cache and not card.body:
        return card
    body = tuple(
        Stage(stage.space, tuple(_cached_in(inner, **known) for inner in stage.cards))
        for stage in card.body
    )
    return replace(card, cache=card.cache and replace(card.cache, **known), body=body)


def to_json(card: Card) -> dict[str, Any]:
    """Return a card's JSON form; parts that have their default are left out."""
    document: dict[str, Any] = {"format": f"{FORMAT}/{MAJOR}", "address": card.address}
    if card.function:
        document |= {"function": card.function, "signature": card.signature}
    document |= {
        name: form(value)
        for name, form in _FORMS.items()
        if (value := getattr(card, name)) and value != _NO_POLICY
    }
    return document


_NO_POLICY = Policy()


def _axes_json(axes: Mapping[str, Axis]) -> dict[str, Any]:
    return {name: axis_forms.to_json(axis) for name, axis in axes.items()}


def _inputs_json(inputs: Mapping[str, Binding]) -> dict[str, Any]:
    return {name: bindings.to_json(binding) for name, binding in inputs.items()}


def _outputs_json(outputs: Mapping[str, OutputCard]) -> dict[str, Any]:
    return {name: _output_json(output) for name, output in outputs.items()}


def _policy_json(policy: Policy) -> dict[str, Any]:
    names = ("retries", "retry_delay", "retry_backoff", "timeout")
    values = {name: getattr(policy, name) for name in names}
    return {n: value for n, value in values.items() if value != getattr(_NO_POLICY, n)}


def _body_json(body: tuple[Stage, ...]) -> list[dict[str, Any]]:
    return [
        {"space": list(stage.space), "cards": [_inner_json(card) for card in stage.cards]}
        for stage in body
    ]


def _inner_json(card: Card) -> dict[str, Any]:
    """Return a card of a body: format and axes are the outer card's."""
    return {n: part for n, part in to_json(card).items() if n not in {"format", "axes"}}


def _turns_json(turns: Turns) -> dict[str, Any]:
    document: dict[str, Any] = {
        "axis": turns.axis,
        "until": bindings.to_json(turns.until),
        "max_iterations": turns.max_iterations,
    }
    return document | ({"returns": True} if turns.returns else {})


def _cache_json(cache: Cache) -> dict[str, str]:
    return {name: text for name in Cache.__match_args__ if (text := getattr(cache, name))}


def _output_json(output: OutputCard) -> dict[str, Any]:
    document: dict[str, Any] = {"as": output.serializer.to_json()}
    if output.path:
        document["path"] = [list(step) for step in output.path]
    if output.partitioned:
        document["partitioned"] = True
    return document


_FORMS: Mapping[str, Callable[[Any], Any]] = {
    "within": list,
    "axes": _axes_json,
    "inputs": _inputs_json,
    "outputs": _outputs_json,
    "policy": _policy_json,
    "emits": list,
    "decides": list,
    "on_failure": str,
    "allow_failure": bool,
    "body": _body_json,
    "turns": _turns_json,
    "when": str,
    "cache": _cache_json,
}


def from_json(document: Mapping[str, Any]) -> Card:
    """Read a card's JSON form; unknown fields are ignored.

    Raises:
        FormatError: It is no card, or one of a later major version.
    """
    check_format(document, FORMAT, MAJOR, "the card")
    try:
        card = _card(document)
        return with_axes(card, card.axes) if card.body else card
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        problem = f"no {error}" if isinstance(error, KeyError) else one_line(error)
        raise FormatError(f"the card is broken: {problem}") from error


def _card(document: Mapping[str, Any]) -> Card:
    return Card(
        address=document["address"],
        function=document.get("function", ""),
        signature=document.get("signature", ""),
        within=tuple(document.get("within", ())),
        axes={n: axis_forms.from_json(axis) for n, axis in document.get("axes", {}).items()},
        inputs={n: bindings.from_json(b) for n, b in document.get("inputs", {}).items()},
        outputs={n: _output(output) for n, output in document.get("outputs", {}).items()},
        policy=Policy(
            **{
                name: value
                for name, value in document.get("policy", {}).items()
                if name in Policy.__match_args__
            }
        ),
        emits=tuple(document.get("emits", ())),
        decides=tuple(document.get("decides", ())),
        on_failure=document.get("on_failure", ""),
        allow_failure=document.get("allow_failure", False),
        body=tuple(map(_stage, document.get("body", ()))),
        turns=_turns(document["turns"]) if "turns" in document else None,
        when=document.get("when", ""),
        cache=_cache(document["cache"]) if "cache" in document else None,
    )


def _cache(document: dict[str, str]) -> Cache:
    return Cache(**{name: document[name] for name in Cache.__match_args__ if name in document})


def _stage(document: dict[str, Any]) -> Stage:
    return Stage(tuple(document["space"]), tuple(map(_card, document["cards"])))


def _turns(document: dict[str, Any]) -> Turns:
    until = bindings.from_json(document["until"])
    returns = document.get("returns", False)
    return Turns(document["axis"], until, document["max_iterations"], returns)


def _output(document: dict[str, Any]) -> OutputCard:
    return OutputCard(
        tuple((kind, name) for kind, name in document.get("path", ())),
        SerializerSpec.from_json(document["as"]),
        document.get("partitioned", False),
    )


def dumps(card: Card) -> str:
    """Return a card as compact JSON text, the same for equal cards."""
    return json.dumps(to_json(card), separators=(",", ":"), ensure_ascii=False)


def loads(text: str) -> Card:
    """Read the text that `dumps` wrote.

    Raises:
        FormatError: The text is no card.
    """
    try:
        document = json.loads(text)
    except ValueError as error:
        raise FormatError(f"the card is no JSON: {one_line(error)}") from error
    if not isinstance(document, dict):
        raise FormatError(f"the card must be a JSON object, not {type(document).__name__}")
    return from_json(document)
