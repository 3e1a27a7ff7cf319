"""Read and write YAML as people mean it: JSON's values in YAML's clothes, and nothing else.

YAML 1.1 takes ``no`` for a bool, ``2026-01-31`` for a date and ``12:30`` for a number; here these
are texts, as in YAML 1.2. A key that stands twice, a key that is no text and a tag are refused.
"""

from __future__ import annotations

import re
from typing import Any

import yaml

from dagger_providers.errors import FormatError, one_line

_MOST = 1_000_000
"""Values that a document may have, those counted again that aliases repeat."""

_TAG = "tag:yaml.org,2002:"
_PLAIN = {
    "null": (re.compile(r"(?:null|~|)"), ["n", "~", ""]),
    "bool": (re.compile(r"(?:true|false)"), ["t", "f"]),
    "int": (re.compile(r"-?(?:0|[1-9][0-9]*)"), list("-0123456789")),
    "float": (
        re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?"),
        list("-0123456789"),
    ),
    "merge": (re.compile(r"<<"), ["<"]),
}
"""What is no text when it stands unquoted: what JSON has."""


class _Loader(yaml.SafeLoader):
    """Makes JSON data only."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - PyYAML's way to replace them

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """Return a mapping whose keys are texts, each there once."""
        seen: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode) or key.tag not in {
                f"{_TAG}str",
                f"{_TAG}merge",
            }:
                raise yaml.MarkedYAMLError(
                    problem="a key must be text", problem_mark=key.start_mark
                )
            if key.value in seen:
                problem = f"the key {key.value!r} stands twice"
                raise yaml.MarkedYAMLError(problem=problem, problem_mark=key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep=deep)


for _kind, (_pattern, _first) in _PLAIN.items():
    _whole = re.compile(f"(?:{_pattern.pattern})\\Z")
    _Loader.add_implicit_resolver(f"{_TAG}{_kind}", _whole, _first)


class _Dumper(yaml.SafeDumper):
    """Quotes what either version of YAML would take for something else than text."""

    def ignore_aliases(self, data: Any) -> bool:
        """Write every value where it stands."""
        return True


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar(f"{_TAG}str", text, style=None if text.isprintable() else '"')


_Dumper.add_representer(str, _represent_text)
_Dumper.add_implicit_resolver(f"{_TAG}float", re.compile(r"[-+]?[0-9.]+[eE][-+]?[0-9]+\Z"), None)


def load_yaml(text: str) -> Any:
    """Return the data of one YAML document.

    Raises:
        FormatError: It is no YAML, or holds what JSON has not; in one line, with line and column.
        RecursionError: It is nested too deeply.
    """
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
        if node is None:
            return None
        if _size(node, {}) > _MOST:
            raise FormatError(f"its aliases make more than {_MOST} values of it")
        return loader.construct_document(node)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        problem = error.problem or str(error)
        text = f"{error.context} {problem}" if problem.startswith("but ") else problem
        raise FormatError(f"{place}{one_line(text)}") from None
    except (yaml.YAMLError, ValueError) as error:  # a number of thousands of digits
        raise FormatError(one_line(error)) from None


def _size(node: yaml.Node, known: dict[int, int]) -> int:
    """Return how many values a node holds; one that holds itself holds too many."""
    if isinstance(node, yaml.ScalarNode):
        return 1
    if id(node) not in known:
        known[id(node)] = _MOST + 1
        parts = node.value
        if isinstance(node, yaml.MappingNode):
            parts = [part for pair in parts for part in pair]
        known[id(node)] = 1 + sum(_size(part, known) for part in parts)
    return known[id(node)]


def dump_yaml(data: Any) -> str:
    """Return JSON data as YAML, in the order that it has; `load_yaml` gives it back."""
    text: str = yaml.dump(
        data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100,
        default_flow_style=None,
    )  # fmt: skip
    return text
