"""What a wrong command line is told: one plain line, with what was expected."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from difflib import get_close_matches
from typing import Any

from typer.core import TyperCommand, TyperGroup

from dagger_providers.errors import UsageError, one_line


class Command(TyperCommand):
    """A command whose usage line names a required argument as manuals do: ``REF``."""

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """Return the words of the usage line."""
        return [piece.translate(_NO_BRACES) for piece in super().collect_usage_pieces(ctx)]

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the arguments; what is wrong with them says of which command they are."""
        try:
            return super().parse_args(ctx, args)
        except Exception as error:
            if getattr(error, "ctx", ctx) is None:
                error.ctx = ctx  # type: ignore[attr-defined]
            raise


_NO_BRACES = str.maketrans("", "", "{}")


class Group(TyperGroup):
    """A group that says which commands there are."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Return the command that the first word names.

        Raises:
            UsageError: There is none.
        """
        name, known = args[0], self.list_commands(ctx)
        if name not in known:
            raise UsageError(
                f"no command {name!r}; {_nearest(name, known)}; see {ctx.command_path} --help"
            )
        return super().resolve_command(ctx, args)


def _nearest(word: str, known: Iterable[str]) -> str:
    close = [repr(one) for one in get_close_matches(word.lower(), list(known))]
    return f"did you mean {' or '.join(close)}" if close else f"there are: {', '.join(known)}"


def misuse(error: Any) -> str:
    """Return what the parser says of a wrong command line.

    Args:
        error: Click's exception; typer may bring its own copy of Click.
    """
    context = getattr(error, "ctx", None)
    if context is None:
        return f"{_plain(error)}; see --help"
    return one_line(f"{_what(error, context)}; see {context.command_path} --help")


def _what(error: Any, context: Any) -> str:
    name = context.command_path.partition(" ")[2] or context.command_path
    match type(error).__name__:
        case "NoSuchOption":
            close = " or ".join(sorted(error.possibilities or ()))
            hint = f"; did you mean {close}" if close else ""
            return f"{name} has no option {error.option_name}{hint}"
        case "MissingParameter":
            return f"{name} needs {_expected(error.param)}"
        case "BadOptionUsage" if "requires" in error.message:
            options = (one for one in context.command.params if error.option_name in one.opts)
            return f"no value is given for {_expected(next(options))}"
        case "UsageError" if hasattr(context.command, "list_commands"):
            known = ", ".join(context.command.list_commands(context))
            return f"{name} needs a command: {known}"
    return _plain(error)


def _plain(error: Any) -> str:
    text = one_line(error.format_message()).rstrip(".")
    return text[:1].lower() + text[1:]


def _expected(parameter: Any) -> str:
    """Return a parameter as its help shows it: its names, and what it is."""
    names = "/".join(one for one in parameter.opts if one.startswith("-"))
    help_ = parameter.help[:1].lower() + parameter.help[1:].rstrip(".")
    return f"{names} {parameter.metavar} ({help_})".lstrip()


def one_of(option: str, known: Iterable[str]) -> Callable[[str], str]:
    """Return what reads an option that takes one of some words."""

    def read(text: str) -> str:
        if text not in known:
            raise UsageError(f"{option} takes {', '.join(known)}; got {text!r:.80}")
        return text

    return read


def at_least_one(option: str) -> Callable[[str | int], int]:
    """Return what reads an option that takes a whole number from 1 on."""

    def read(text: str | int) -> int:
        try:
            number = int(text)
        except ValueError:
            number = 0
        if number < 1:
            raise UsageError(f"{option} takes a whole number, 1 or more; got {text!r:.80}")
        return number

    return read
