"""Write JSON data as YAML: block style, keys sorted, one line for each text.

PyYAML builds a node for every scalar first, which takes most of the time of a compilation, and
several times more where it was built without libyaml. A manifest needs little of YAML.

It lies here, with the other formats, since targets write YAML and do not know each other.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

_PLAIN = re.compile(r"-{0,2}[A-Za-z/][A-Za-z0-9_./-]*(:[A-Za-z0-9_./-]+)*")
_WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})
"""What YAML 1.1 takes for something else than text, in any case."""


def block_yaml(data: dict[str, Any]) -> str:
    """Return the YAML text of a mapping; any YAML parser reads it back as it was."""
    return "".join(f"{line}\n" for line in _mapping(data, ""))


def _mapping(data: dict[str, Any], indent: str) -> Iterator[str]:
    for key in sorted(data):
        value = data[key]
        start = f"{indent}{_text(key)}:"
        if isinstance(value, dict) and value:
            yield start
            yield from _mapping(value, f"{indent}  ")
        elif isinstance(value, list) and value:
            yield start
            yield from _sequence(value, indent)
        else:
            yield f"{start} {_scalar(value)}"


def _sequence(data: list[Any], indent: str) -> Iterator[str]:
    inner = f"{indent}  "
    for item in data:
        if isinstance(item, dict) and item:
            lines = _mapping(item, inner)
        elif isinstance(item, list) and item:
            lines = _sequence(item, inner)
        else:
            lines = iter([inner + _scalar(item)])
        yield f"{indent}- {next(lines).removeprefix(inner)}"
        yield from lines


def _scalar(value: Any) -> str:
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, float):
        text = repr(value)
        return text if "." in text else text.replace("e", ".0e")
    return json.dumps(value)  # what is left, JSON and YAML write alike


def _text(value: str) -> str:
    if _PLAIN.fullmatch(value) and value.lower() not in _WORDS:
        return value
    if value.isprintable():
        return "'" + value.replace("'", "''") + "'"
    return '"' + "".join(map(_escaped, value)) + '"'


def _escaped(character: str) -> str:
    if character in '"\\':
        return f"\\{character}"
    if character.isprintable():
        return character
    code = ord(character)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"  # noqa: PLR2004
