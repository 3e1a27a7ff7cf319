"""Evaluate the expressions of Argo manifests: what a task waits for, retries, ``when``, tags.

A part of two languages: expr (``depends``, ``retryStrategy.expression``, ``{{=...}}``) and
govaluate (``when``), in which a bare word is a text (argo-workflows v4.1.2,
workflow/controller/steps.go: shouldExecute). What is not read here is refused, not guessed.
"""

from __future__ import annotations

import json
import operator
import re
from collections.abc import Callable, Mapping
from typing import Any

from dagger_providers.errors import UsageError

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<text>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")
      | (?P<number>\d+(?:\.\d+)?)
      | (?P<word>[A-Za-z_][A-Za-z0-9_]*)
      | (?P<sign>\|\||&&|==|!=|<=|>=|[<>!+.,()\[\]])
    )""",
    re.VERBOSE,
)
_SIGNS = {"or": "||", "and": "&&", "not": "!"}
_COMPARE: Mapping[str, Callable[[Any, Any], Any]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
_WORDS = frozenset({"contains", "else", "if", "in", "let", "matches"})
_CONSTANTS = {"true": True, "false": False, "nil": None}


def as_json(value: Any) -> str:
    """Write JSON as Go does: without spaces, and without ``<``, ``>`` and ``&``."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _replace(old: str, new: str, text: str) -> str:
    return text.replace(old, new)


FUNCTIONS: Mapping[str, Any] = {
    "asFloat": float,
    "asInt": int,
    "sprig": {"replace": _replace},
    "toJson": as_json,
}
"""What expressions may call, as far as known here (argo-workflows v4.1.2, util/expr/env/env.go)."""


def evaluate(text: str, scope: Mapping[str, Any]) -> Any:
    """Return the value of an expr expression.

    Raises:
        UsageError: It is none, names what the scope lacks, or compares values of two types.
    """
    return _Reader(text, scope).whole()


def is_true(text: str, scope: Mapping[str, Any]) -> bool:
    """Return the value of an expr expression that must be a bool; raises as `evaluate`."""
    return _bool(evaluate(text, scope), text)


def should_execute(when: str) -> bool:
    """Say whether a task with this ``when``, filled in already, runs.

    Raises:
        UsageError: It is no expression, or gives no bool.
    """
    return _bool(_Reader(when, None).whole(), when) if when else True


def _bool(value: Any, text: str) -> bool:
    if not isinstance(value, bool):
        raise UsageError(f"the expression {text!r} gives {value!r:.40}, expected true or false")
    return value


class _Reader:
    """Reads an expression from left to right and evaluates it; all of it, so that faults show."""

    def __init__(self, text: str, scope: Mapping[str, Any] | None) -> None:
        self.text = text
        self.scope = scope
        self.tokens = self._tokens(text.strip())
        self.at = 0

    def _tokens(self, text: str) -> list[tuple[str, str]]:
        found: list[tuple[str, str]] = []
        place = 0
        while place < len(text):
            match = _TOKEN.match(text, place)
            if match is None or match.lastgroup is None:
                raise self._fault(f"{text[place:]!r:.20} is not read here")
            found.append((match.lastgroup, match[match.lastgroup]))
            place = match.end()
        return found

    def _fault(self, why: str) -> UsageError:
        return UsageError(f"the expression {self.text!r:.200} cannot be evaluated: {why}")

    def whole(self) -> Any:
        value = self._or()
        if self.at < len(self.tokens):
            raise self._fault(f"what is {self.tokens[self.at][1]!r} for?")
        return value

    def _next(self) -> str:
        """Return the sign or operator that comes next; empty when something else does."""
        if self.at >= len(self.tokens):
            return ""
        kind, text = self.tokens[self.at]
        return _SIGNS.get(text, text) if kind in {"sign", "word"} else ""

    def _take(self, *signs: str) -> str:
        found = self._next()
        if found and found in signs:
            self.at += 1
            return found
        return ""

    def _expect(self, sign: str) -> None:
        if not self._take(sign):
            raise self._fault(f"{sign!r} is missing")

    def _or(self) -> Any:
        value = self._and()
        while self._take("||"):
            other = self._and()
            value = self._logical(value) | self._logical(other)
        return value

    def _and(self) -> Any:
        value = self._comparison()
        while self._take("&&"):
            other = self._comparison()
            value = self._logical(value) & self._logical(other)
        return value

    def _logical(self, value: Any) -> bool:
        if not isinstance(value, bool):
            raise self._fault(f"{value!r:.40} is no bool")
        return value

    def _comparison(self) -> Any:
        if self._take("!"):
            return not self._logical(self._comparison())
        value = self._sum()
        sign = self._take("==", "!=", "<", "<=", ">", ">=", "in", "!")
        if sign == "!":
            self._expect("in")
            return value not in self._sum()
        if sign == "in":
            return value in self._sum()
        return self._compared(sign, value, self._sum()) if sign else value

    def _compared(self, sign: str, left: Any, right: Any) -> bool:
        if None not in {type(left), type(right)} and type(left) is not type(right):
            raise self._fault(f"{left!r:.40} {sign} {right!r:.40} compares two types")
        if sign in _COMPARE:
            return bool(_COMPARE[sign](left, right))
        return bool(left == right) if sign == "==" else bool(left != right)

    def _sum(self) -> Any:
        value = self._member()
        while self._take("+"):
            value += self._member()
        return value

    def _member(self) -> Any:
        value = self._single()
        while True:
            if self._take("."):
                value = self._found(value, self._word())
            elif self._take("["):
                value = self._found(value, self._or())
                self._expect("]")
            elif self._take("("):
                value = value(*self._listed(")"))
            else:
                return value

    def _word(self) -> str:
        if self.at >= len(self.tokens) or self.tokens[self.at][0] != "word":
            raise self._fault("a name is missing")
        self.at += 1
        return self.tokens[self.at - 1][1]

    def _found(self, value: Any, name: Any) -> Any:
        if not isinstance(value, Mapping) or name not in value:
            raise self._fault(f"there is no {name!r}")
        return value[name]

    def _listed(self, end: str) -> list[Any]:
        values: list[Any] = []
        while not self._take(end):
            if values:
                self._expect(",")
            values.append(self._or())
        return values

    def _single(self) -> Any:
        if self._take("("):
            value = self._or()
            self._expect(")")
            return value
        if self._take("["):
            return self._listed("]")
        if self.at >= len(self.tokens):
            raise self._fault("it ends too early")
        kind, text = self.tokens[self.at]
        self.at += 1
        if kind == "text":
            return re.sub(r"\\(.)", r"\1", text[1:-1])
        if kind == "number":
            return float(text) if "." in text else int(text)
        if kind == "sign":
            raise self._fault(f"what is {text!r} for?")
        return self._value_of(text)

    def _value_of(self, word: str) -> Any:
        if word in _CONSTANTS:
            return _CONSTANTS[word]
        if self.scope is None:
            return word
        if word in _WORDS:
            raise self._fault(f"{word!r} is a word of the language")
        return self._found(self.scope, word)
