"""The arguments and results of a component: which are KFP's parameters, which its artifacts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from dagger_providers.card import Binding, Card, ListOf, Parameter, Stored
from dagger_providers.card.annotations import address_of, hints, part
from dagger_providers.card.functions import reference_of, required_names
from dagger_providers.card.inputs import input_spec
from dagger_providers.dsl.arriving import root
from dagger_providers.dsl.decorators import Recordable
from dagger_providers.dsl.parameters import describe, parameter
from dagger_providers.dsl.validation import adapter_of, schema_of
from dagger_providers.errors import UsageError
from dagger_providers.kfp import capabilities as rules
from dagger_providers.kfp.parameters import Native, described, encoded, value_refusals
from dagger_providers.kfp.shapes import AS_TEXT, travels, without_null
from dagger_providers.model import DAG, FromParam, thaw
from dagger_providers.planning import Plan
from dagger_providers.planning.capabilities import Refusal
from dagger_providers.serializers import NAMES, SerializerSpec, is_json_native, item_annotation
from dagger_providers.serializers import spec_for as serializer_for
from dagger_providers.serializers.typeforms import is_union, origin_of, type_name, unwrap

OUTPUT = "Output"
"""What KFP's SDK calls the one output of a component."""

TYPES = ("Artifact", "Dataset", "HTML", "Markdown", "Metrics", "Model")
"""The artifact types of KFP that an argument or a result may be."""

LIST = "list"
"""Before a type, as in ``list[Dataset]``: artifacts, each an item."""

_TEXTS = ("HTML", "Markdown")
_TABLES = ("parquet", "csv")


@dataclass(frozen=True, slots=True)
class Wishes:
    """What is said of arguments and results beside their annotations.

    Attributes:
        artifacts: The type of artifact by name: ``Dataset``, or ``list[Dataset]``.
        serializers: What an artifact that is read was written by, by argument.
        trust: Arguments that may be read though that runs code: pickles.
    """

    artifacts: Mapping[str, str] = field(default_factory=dict)
    serializers: Mapping[str, Any] = field(default_factory=dict)
    trust: frozenset[str] = frozenset()

    def check(self, arguments: tuple[str, ...], outputs: tuple[str, ...]) -> None:
        """Check that what is named exists.

        Raises:
            UsageError: It does not; the message says what does.
        """
        for what, given, known in (
            ("artifacts", self.artifacts, (*arguments, *outputs)),
            ("serializers", self.serializers, arguments),
            ("trust", self.trust, arguments),
        ):
            unknown = [name for name in given if name not in known]
            if unknown:
                has = ", ".join(known) or "none"
                raise UsageError(f"{what} names {unknown[0]!r}, which is none of: {has}")
        for name, kind in self.artifacts.items():
            inner = kind.removeprefix(f"{LIST}[").removesuffix("]")
            if inner not in TYPES or kind not in {inner, f"{LIST}[{inner}]"}:
                raise UsageError(
                    f"artifacts: {name!r} is {kind!r}, which KFP has not; there are: "
                    f"{', '.join(TYPES)}, and {LIST}[...] of them"
                )


@dataclass(frozen=True, slots=True)
class Port:
    """One argument or one result of a component.

    Attributes:
        name: What KFP calls it.
        kind: What the node command takes it for: a kind of parameters, ``artifact`` or
            ``artifacts``.
        type: KFP's type: ``NUMBER_INTEGER``, ``system.Dataset``.
        of: What the node calls it.
        binding: Of an argument: where the card reads it from.
        optional: Whether it may be left out.
        default: What KFP gives when it is left out; None: nothing, and the function's own holds.
        description: A line for people.
        trusted: Whether it is read though it is a pickle.
        bare: Whether it is an artifact that holds a text as it is, for KFP to show.
    """

    name: str
    kind: str
    type: str
    of: str = ""
    binding: Binding | None = None
    optional: bool = False
    default: Any = None
    description: str = ""
    trusted: bool = False
    bare: bool = False

    @property
    def is_artifact(self) -> bool:
        """Whether it is a file or folder, or several."""
        return self.kind in {"artifact", "artifacts"}


# Arguments


def argument(function: Recordable[..., Any], name: str, wishes: Wishes) -> Port | Refusal:
    """Return an argument of a function as an input of a component, or why it is none."""
    annotation = _without_none(hints(function).get(name))
    given = wishes.serializers.get(name)
    wish = wishes.artifacts.get(name)
    spec = _spec(given) if given else _asked(annotation)
    if spec is not None and spec.name == "json" and not (wish or given):
        return parameter_port(name, parameter(function, name))
    several = False
    if spec is None or (wish or "").startswith(LIST):
        item = item_annotation(annotation) if annotation is not None else None
        spec = spec or (_asked(item) if item is not None else None)
        several = not wish or wish.startswith(LIST)
        folder = item is not None and not several
        annotation = item if item is not None else annotation
    else:
        folder = False
    place = f"argument {name!r} of {function.__name__!r}"
    if spec is None:
        shown = type_name(annotation)
        return rules.NO_FORMAT.at(place, f"nothing says how {place}, {shown}, is written")
    if spec.name == "pickle" and name not in wishes.trust:
        return rules.UNTRUSTED.at(
            place, f"{place} is a pickle, and reading one runs the code in it"
        )
    if spec.name == "json" and spec.annotation is None and not is_json_native(annotation):
        of = (("key", 0),) if several else ()
        spec = SerializerSpec("json", spec.options, address_of(reference_of(function), name, of))
    stored = Stored("", "", spec, folder)
    return Port(
        name,
        "artifacts" if several else "artifact",
        _system(wish, spec, annotation),
        of=name,
        binding=ListOf((stored,)) if several else stored,
        optional=name not in required_names(function),
        description=describe(function).get(name, ""),
        trusted=name in wishes.trust,
    )


def parameter_port(name: str, source: FromParam, *, null: bool = False) -> Port | Refusal:
    """Return a parameter as an input of a component, or why KFP would not hand on its default.

    Args:
        name: The parameter.
        source: What it takes.
        null: Whether None is a value of its own; else it stands for what is left out.
    """
    default = thaw(source.default) if not source.required else None
    if not null:
        source = source.having(json_schema=without_null(source.json_schema))
    how = travels(source)
    if (default is not None or (null and not source.required)) and (
        how == AS_TEXT or how.kind in _SCALARS
    ):
        for refusal in value_refusals(name, source, default):
            return refusal
        default = encoded(source, default)
    return Port(
        name,
        how.kind,
        how.type,
        of=name,
        binding=Parameter(name, source.serializer),
        optional=not source.required,
        default=default,
        description=_said(source, how),
    )


_SCALARS = ("str", "int", "float", "bool")


def _said(source: FromParam, how: Native) -> str:
    """Return what KFP shows of a parameter; of lists and structs it says itself what they are."""
    if how != AS_TEXT and how.kind not in _SCALARS:
        return source.description
    return described(source, as_json=how == AS_TEXT)


def _asked(annotation: Any) -> SerializerSpec | None:
    """Return the serializer that an annotation asks for; JSON where there is none."""
    return SerializerSpec("json") if annotation is None else serializer_for(annotation)


def _without_none(annotation: Any) -> Any:
    """Return an annotation without the None that stands for an argument that is left out."""
    plain = unwrap(annotation)
    if plain is None or not is_union(plain):
        return annotation
    members = [one for one in plain.__args__ if one is not type(None)]
    return members[0] if len(members) == 1 else annotation


def _spec(given: Any) -> SerializerSpec:
    spec = given if isinstance(given, SerializerSpec) else SerializerSpec.from_json(given)
    if ":" not in spec.name and spec.name not in NAMES:
        raise UsageError(
            f"unknown serializer {spec.name!r}; known: {', '.join(NAMES)}, or a class of yours as "
            "'module:Class'"
        )
    return spec


def _system(wish: str | None, spec: SerializerSpec, annotation: Any) -> str:
    """Return KFP's name of a type of artifacts."""
    if wish:
        return f"system.{wish.removeprefix(f'{LIST}[').removesuffix(']')}"
    found = artifact_type(spec)
    is_model = hasattr(origin_of(unwrap(annotation)), "predict")
    return "system.Model" if is_model and found == "system.Artifact" else found


def artifact_type(spec: SerializerSpec) -> str:
    """Return KFP's type of what a serializer writes."""
    if spec.name in _TABLES:
        return "system.Dataset"
    return "system.Model" if spec.name == "pickle" else "system.Artifact"


# Results


@dataclass(frozen=True, slots=True)
class Result:
    """What a component gives.

    Attributes:
        name: What KFP calls it.
        of: What the node calls it.
        serializer: What writes it, or each item of it.
        annotation: What it is annotated as; None where nothing says it.
        partitioned: Whether it is written item by item.
    """

    name: str
    of: str
    serializer: SerializerSpec
    annotation: Any
    partitioned: bool = False


def result_ports(results: Iterator[Result], wishes: Wishes) -> dict[str, Port]:
    """Return results as outputs of a component, by what the node calls them."""
    return {one.of: _result_port(one, wishes.artifacts.get(one.name)) for one in results}


def _result_port(result: Result, wish: str | None) -> Port:
    spec = result.serializer
    if spec.name == "json" and wish is None:
        how = travels(_declared(result))
        return Port(result.name, how.kind, how.type, of=result.of)
    item = item_annotation(result.annotation) if result.partitioned else result.annotation
    bare = wish in _TEXTS and spec.name == "json"
    return Port(result.name, "artifact", _system(wish, spec, item), of=result.of, bare=bare)


def _declared(result: Result) -> FromParam:
    """Return what is known of a JSON result, as of a parameter."""
    from pydantic.errors import PydanticUserError

    schema = None
    if result.annotation is not None:
        try:
            schema = schema_of(adapter_of(_listed(result.annotation)))
        except PydanticUserError:
            schema = None
    return FromParam(result.name, serializer=result.serializer, json_schema=schema)


def _listed(annotation: Any) -> Any:
    """Return what is written of a stream of items: a list of them."""
    from dagger_providers.serializers import is_stream

    if not is_stream(annotation):
        return annotation
    return list[item_annotation(annotation)]  # type: ignore[misc]


def results_of_task(function: Recordable[..., Any], outputs: Mapping[str, Any]) -> Iterator[Result]:
    """Yield what a task gives.

    Args:
        function: Its function.
        outputs: What is kept of its result, by name: the model's.
    """
    returned = hints(function).get("return")
    if returned is type(None):
        return
    names = _names({name: output.path for name, output in outputs.items()})
    for name, output in outputs.items():
        annotation = part(returned, output.path)
        yield Result(names[name], name, output.serializer, annotation, output.partitioned)


def _names(paths: Mapping[str, Any]) -> dict[str, str]:
    """Return what KFP calls outputs: by their last key, where no other one has it."""
    plain = {name: str(path[-1][1]) if path else OUTPUT for name, path in paths.items()}
    unique = {n for n in plain.values() if list(plain.values()).count(n) == 1}
    return {name: short if short in unique else name for name, short in plain.items()}


# Pipelines


def results_of_pipeline(dag: DAG, lowered: Plan) -> Iterator[Result]:
    """Yield what a pipeline gives, by what arrives at its outputs."""
    card = Card("outputs", inputs=lowered.outputs, axes=lowered.axes)
    scope, alone = root(dag), len(dag.outputs) == 1
    for name, source in dag.outputs.items():
        spec, depth, _ = input_spec(card, name)
        annotation = scope.of(source).annotation
        known = None if unwrap(annotation) is Any else annotation
        shown = OUTPUT if alone and name == "return_value" else name
        yield Result(shown, name, spec, known, depth > 0)
