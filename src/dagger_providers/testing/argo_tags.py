"""Fill in the ``{{...}}`` of an Argo template, as Argo does: in its JSON text, tag by tag.

Rules and places are those of argo-workflows v4.1.2.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from dagger_providers.errors import UsageError
from dagger_providers.testing.argo_expressions import FUNCTIONS, as_json, evaluate

_ESCAPES = {
    '"': '\\"', "\\": "\\\\", "\a": "\\a", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r",
    "\t": "\\t", "\v": "\\v",
}  # fmt: skip
_BYTE, _PLANE = 0x80, 0x10000


ALL = ("",)
"""Every tag must have a value."""


class MissingVariableError(UsageError):
    """A tag has no value here, and must have one: Argo tries again, for ever."""


def filled_in(data: Any, scope: Mapping[str, str | None], strict: Sequence[str] = ()) -> Any:
    """Return JSON data with its tags replaced.

    Args:
        data: The template, or a part of it.
        scope: Values by tag; None: of a task that was skipped.
        strict: First parts of tags that must have a value, `ALL` for all; others stay as they are.

    Raises:
        MissingVariableError: One of `strict` has none.
        UsageError: A tag does not end, or the values leave no JSON behind.
    """
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    replaced = _replaced(text, scope, strict)
    try:
        return json.loads(replaced, strict=False)
    except ValueError:
        # Argo says it like this in util/template/replace.go.
        raise UsageError(
            "cannot finish template replacement because the result was invalid JSON: "
            f"{replaced:.200}"
        ) from None


def _replaced(text: str, scope: Mapping[str, str | None], strict: Sequence[str]) -> str:
    """Replace the tags of a JSON text; what was filled in is not looked through (fasttemplate)."""
    parts: list[str] = []
    rest = text
    while "{{" in rest:
        before, _, rest = rest.partition("{{")
        tag, end, rest = rest.partition("}}")
        if not end:
            raise UsageError(f"cannot find end tag='}}}}' of {tag!r:.100}")
        parts += [before, _value(tag, scope, strict)]
    return "".join([*parts, rest])


def _value(tag: str, scope: Mapping[str, str | None], strict: Sequence[str]) -> str:
    if tag.startswith("="):
        return _expression(tag[1:], scope)
    name = tag.strip()
    if name in scope:
        return quoted(_present(tag, scope[name]))
    inner = tag.rfind("{{")
    if inner > 0 and tag[inner + 2 :] in scope:  # simple_template.go: nested tags
        return "{{" + tag[:inner] + quoted(_present(tag, scope[tag[inner + 2 :]]))
    if strict is ALL or name.partition(".")[0] in strict:
        raise MissingVariableError(f"failed to resolve {{{{{tag}}}}}")
    return f"{{{{{tag}}}}}"


def _present(tag: str, value: str | None) -> str:
    if value is None:
        raise UsageError(
            f"{{{{{tag}}}}} is the output of a task that was skipped: Argo 4.0 and 4.1 wait for it "
            "for ever (argo-workflows#16793)"
        )
    return value


def _expression(text: str, scope: Mapping[str, str | None]) -> str:
    """Return what an expression gives, as it stands in a JSON string (expression_template.go)."""
    result = as_json(evaluate(json.loads(f'"{text}"'), {**_tree(scope), **FUNCTIONS}))
    return result[1:-1] if result.startswith('"') else quoted(result)


def _tree(scope: Mapping[str, str | None]) -> dict[str, Any]:
    """Return tags as nested mappings; one that others begin with is left out (util/expand)."""
    parents = {name[:at] for name in scope for at, sign in enumerate(name) if sign == "."}
    tree: dict[str, Any] = {}
    for name in scope.keys() - parents:
        *path, last = name.split(".")
        place = tree
        for one in path:
            place = place.setdefault(one, {})
        place[last] = scope[name]
    return tree


def quoted(text: str) -> str:
    """Return a text as Go's ``strconv.Quote`` writes it, without the quotes.

    That is no JSON for some control characters (simple_template.go).
    """
    return "".join(map(_quoted, text))


def _quoted(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    if character.isprintable():
        return character
    code = ord(character)
    if code < _BYTE:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < _PLANE else f"\\U{code:08x}"
