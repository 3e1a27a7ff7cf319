"""What it means that a KFP server refused, failed or did not answer: one error, in one line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from dagger_providers.errors import DaggerProvidersError, ServerError, UsageError, one_line

LOG_IN = "say who you are: see `dagger-providers submit --help`, Logging in"

_UNAUTHENTICATED, _NOT_ALLOWED, _NOT_FOUND = 401, 403, 404
_OVERLOADED = frozenset({408, 425, 429})
_SERVER = 500
_OF_GRPC = {3: 400, 5: _NOT_FOUND, 6: 409, 7: _NOT_ALLOWED, 9: 400, 11: 400, 16: _UNAUTHENTICATED}
"""What the codes of gRPC in KFP's answers are in HTTP's, as far as trying again does not help."""
_HIDDEN = {
    "Unauthenticated": _UNAUTHENTICATED,
    "PermissionDenied": _NOT_ALLOWED,
    "Invalid input error": 400,
    "InvalidInputError": 400,
}
"""What KFP answers with status 500, though it refuses."""


def explained(error: BaseException, doing: str, host: str) -> DaggerProvidersError:
    """Return the error of ours for what a call of the SDK's client raised.

    Args:
        error: What was raised.
        doing: What was asked for, as the start of a sentence: "creating the run".
        host: The server's address.
    """
    if isinstance(error, DaggerProvidersError):
        return error
    status = getattr(error, "status", None)
    if isinstance(status, int) and status:
        return _refusal(status, getattr(error, "body", None), doing, host)
    return ServerError(f"{doing}: {_unreachable(error, host)}")


def no_answer_of_kfp(doing: str, host: str, content_type: str) -> DaggerProvidersError:
    """Return the error for an answer of status 200 that is not what KFP answers."""
    if "html" in content_type:
        return UsageError(
            f"{doing}: {host} answers with a web page, not as KFP's API does: is it KFP's address? "
            f"if the page asks to log in, {LOG_IN}"
        )
    return ServerError(f"{doing}: {host} gives a broken answer, not what KFP's API gives")


def _refusal(status: int, body: Any, doing: str, host: str) -> DaggerProvidersError:
    document = _document(body)
    said = _said(document)
    meant = _meant(status, document, said)
    shown = f"HTTP {status}" + (f": {said}" if said else "")
    match meant:
        case _ if meant in _OVERLOADED or meant >= _SERVER:
            return ServerError(f"{doing}: KFP at {host} failed, {shown}")
        case 401:
            return UsageError(f"{doing}: {host} does not know who asks ({shown}); {LOG_IN}")
        case 403:
            return UsageError(
                f"{doing}: {host} does not allow it ({shown}); ask for the right to, or name "
                "another --namespace"
            )
        case 404 if document is None:
            return UsageError(
                f"{doing}: {host} has no API of KFP v2 ({shown}): give the address of KFP's pages, "
                "such as https://kubeflow.example/pipeline"
            )
        case _:
            return UsageError(f"{doing}: KFP refuses it, {shown}")


def _meant(status: int, document: dict[str, Any] | None, said: str) -> int:
    """Return the status that says who is at fault, which KFP's own does not always."""
    hidden = next((meant for sign, meant in _HIDDEN.items() if sign in said), None)
    if status >= _SERVER and hidden is not None:
        return hidden
    code = (document or {}).get("code")
    return _OF_GRPC.get(code, status) if isinstance(code, int) else status


def _document(body: Any) -> dict[str, Any] | None:
    try:
        found = json.loads(body)
    except (TypeError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def _said(document: dict[str, Any] | None) -> str:
    """Return what KFP says: the API server's words, or those of its upload handler."""
    for name in ("message", "error", "error_message", "error_details"):
        text = (document or {}).get(name)
        if isinstance(text, str) and text.strip():
            return one_line(text, 600)
    return ""


def _unreachable(error: BaseException, host: str) -> str:
    """Say why nobody answered, in words for the usual reasons."""
    from urllib3 import exceptions

    causes = list(_causes(error))
    for kind, text in (
        (exceptions.NameResolutionError, f"no machine is called so: {host}"),
        (exceptions.SSLError, f"no secure connection to {host}"),
        (exceptions.NewConnectionError, f"nothing answers at {host}"),
        (exceptions.TimeoutError, f"{host} does not answer in time"),
        (exceptions.ProtocolError, f"{host} broke off the connection"),
    ):
        found = next((cause for cause in causes if isinstance(cause, kind)), None)
        if found is not None:
            return text + _why(found, kind is exceptions.SSLError)
    return f"{host} cannot be asked: {one_line(f'{type(error).__name__}: {error}')}"


def _why(error: Any, secure: bool) -> str:
    detail = one_line(str(error).rpartition("object at 0x")[2].partition(": ")[2] or error)
    advice = ""
    if secure and "CERTIFICATE_VERIFY_FAILED" in str(error):
        advice = "; where its certificate is your own, let SSL_CERT_FILE name the authority's file"
    return f" ({detail}){advice}"


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an exception, and what urllib3 says made it, the innermost first."""
    inner = getattr(error, "reason", None)
    if isinstance(inner, BaseException):
        yield from _causes(inner)
    yield error
