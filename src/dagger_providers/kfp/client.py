"""Ask a KFP server, by the SDK's client: for experiments, runs and recurring runs."""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from dagger_providers.errors import DaggerProvidersError, MissingExtraError, UsageError, one_line
from dagger_providers.kfp.replies import explained, no_answer_of_kfp

ANSWER_WITHIN = (10.0, 60.0)
"""Seconds to connect, and to wait for an answer; the SDK's client would wait for ever."""

DEFAULT_EXPERIMENT = "Default"
"""What KFP calls the experiment of runs that name none."""

_CONTEXT = Path("~/.config/kfp/context.json")
_OWN_NAMESPACE = Path("/var/run/secrets/kubernetes.io/serviceaccount/namespace")
_OWN_TOKEN = Path("/var/run/secrets/kubeflow/pipelines/token")


@dataclass(frozen=True, slots=True)
class TokenFile:
    """A token in a file that is read for each request, so that it may be renewed.

    It is what `kfp.Client` takes as ``credentials``.
    """

    path: str

    def refresh_api_key_hook(self, configuration: Any) -> None:
        """Put the token into a request's configuration; the SDK calls it.

        Raises:
            UsageError: The file cannot be read.
        """
        try:
            token = Path(self.path).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"the token file {self.path} cannot be read: {error}") from error
        if not token:
            raise UsageError(f"the token file {self.path} is empty")
        configuration.api_key["authorization"] = token


@dataclass(frozen=True, slots=True)
class Client:
    """One KFP server, as one user sees it.

    Attributes:
        host: Its address, for messages.
        pages: The address of its pages.
        namespace: The user's namespace, where the server has several users; else empty.
        sdk: The SDK's client.
        answer_within: Seconds to connect, and to wait for an answer.
    """

    host: str
    pages: str
    namespace: str
    sdk: Any
    answer_within: tuple[float, float] = ANSWER_WITHIN

    def experiment(self, name: str) -> str:
        """Return the id of an experiment, which is made when there is none of that name."""
        # Operations by number, as the SDK gives them: 1 is "equals".
        wanted = {"operation": 1, "key": "display_name", "stringValue": name}
        found = self._ask(
            f"looking for the experiment {name!r}",
            self.sdk.experiments.experiment_service_list_experiments,
            filter=json.dumps({"predicates": [wanted]}),
            **({"namespace": self.namespace} if self.namespace else {}),
        )
        if found.experiments:
            return str(found.experiments[0].experiment_id)
        new = self.sdk.api_models.V2beta1Experiment(
            display_name=name, namespace=self.namespace or None
        )
        made = self._ask(
            f"making the experiment {name!r}",
            self.sdk.experiments.experiment_service_create_experiment,
            "experiment_id",
            experiment=new,
        )
        return str(made.experiment_id)

    def create_run(self, experiment: str, name: str, spec: Any, arguments: Any) -> Any:
        """Start a run of a compiled pipeline, and return what KFP knows of it."""
        models = self.sdk.api_models
        run = models.V2beta1Run(
            experiment_id=experiment,
            display_name=name,
            pipeline_spec=spec,
            runtime_config=models.V2beta1RuntimeConfig(parameters=arguments),
        )
        create = self.sdk.runs.run_service_create_run
        return self._ask("creating the run", create, "run_id", run=run)

    def create_recurring_run(
        self, experiment: str, name: str, spec: Any, arguments: Any, cron: str
    ) -> Any:
        """Let a compiled pipeline run by a schedule, and return what KFP knows of that."""
        models = self.sdk.api_models
        recurring = models.V2beta1RecurringRun(
            experiment_id=experiment,
            display_name=name,
            pipeline_spec=spec,
            runtime_config=models.V2beta1RuntimeConfig(parameters=arguments),
            trigger=models.V2beta1Trigger(cron_schedule=models.V2beta1CronSchedule(cron=cron)),
            mode=models.RecurringRunMode.ENABLE,
            max_concurrency=1,
        )
        create = self.sdk.recurring_runs.recurring_run_service_create_recurring_run
        return self._ask(
            "creating the recurring run", create, "recurring_run_id", recurring_run=recurring
        )

    def run(self, run_id: str) -> Any:
        """Return what KFP knows of a run."""
        look = self.sdk.runs.run_service_get_run
        return self._ask(f"looking at the run {run_id}", look, "state", run_id=run_id)

    def _ask(self, doing: str, call: Callable[..., Any], needs: str = "", **given: Any) -> Any:
        """Make a call of the SDK's, and tell in our words what goes wrong.

        Args:
            doing: What it is for.
            call: A method of one of the SDK's generated interfaces.
            needs: What its answer must have.
            given: Its arguments.

        Raises:
            UsageError: The server refuses it, or is no KFP.
            ServerError: The server cannot be reached, or failed.
        """
        return _asked(call, doing, self.host, needs, self.answer_within, given)


def connect(
    host: str | None = None,
    namespace: str | None = None,
    credentials: Any = None,
    answer_within: tuple[float, float] = ANSWER_WITHIN,
) -> Client:
    """Return a client of a KFP server.

    Args:
        host: Its address; by default ``KF_PIPELINES_ENDPOINT``.
        namespace: The user's namespace, where it has several users.
        credentials: What gives a token, as `kfp.Client` takes it; by default from the environment.
        answer_within: Seconds to connect, and to wait for an answer.

    Raises:
        MissingExtraError: The SDK is not installed.
        UsageError: The address is none, or a namespace is needed.
        ServerError: The server cannot be reached.
    """
    address = _checked(host or os.environ.get("KF_PIPELINES_ENDPOINT") or "")
    try:
        import kfp
    except ImportError as error:
        raise MissingExtraError("asking a KFP server", "kfp-sdk") from error
    pages = os.environ.get("KF_PIPELINES_UI_ENDPOINT") or address
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            sdk = kfp.Client(
                host=address,
                namespace="-",  # else it asks for one, five times, and logs a traceback each
                existing_token=None if credentials else os.environ.get("KFP_EXISTING_TOKEN"),
                cookies=os.environ.get("KFP_COOKIES"),
                credentials=credentials or _of_service_account(),
                ssl_ca_cert=os.environ.get("SSL_CERT_FILE"),
            )
    except Exception as error:  # files of its own that are broken, or logging in that failed
        told = one_line(f"{type(error).__name__}: {error}")
        raise UsageError(f"the KFP SDK cannot make a client for {address}: {told}") from error
    own = namespace or _namespace(sdk, address, answer_within)
    return Client(address, pages.rstrip("/"), own, sdk, answer_within)


def _checked(host: str) -> str:
    if not host:
        raise UsageError("no KFP server is named: give --host, or set KF_PIPELINES_ENDPOINT")
    try:
        parts = urlsplit(host)
        known = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        parts, known = None, False
    if parts is None or not known:
        raise UsageError(
            f"{host!r:.100} is no address of a KFP server: write it like https://kfp.example"
        )
    if "@" in parts.netloc:
        raise UsageError("the address of a KFP server holds no user and password: leave them out")
    return host.rstrip("/")


def _of_service_account() -> TokenFile | None:
    """Return the token that Kubernetes mounts for KFP, where it does."""
    named = os.environ.get("KF_PIPELINES_SA_TOKEN_PATH")
    return TokenFile(named or str(_OWN_TOKEN)) if named or _OWN_TOKEN.exists() else None


def _namespace(sdk: Any, host: str, answer_within: tuple[float, float]) -> str:
    """Return the user's namespace; empty where the server has but one user."""
    look = sdk.healthzs.healthz_service_get_healthz
    if not _asked(look, "asking for KFP", host, "", answer_within, {}).multi_user:
        return ""
    found = _of_context() or _text(_OWN_NAMESPACE).strip()
    if not found:
        raise UsageError(f"KFP at {host} has several users: name yours by --namespace")
    return found


def _of_context() -> str:
    """Return the namespace that `kfp.Client.set_user_namespace` was given."""
    try:
        return str(json.loads(_text(_CONTEXT.expanduser()) or "{}").get("namespace", ""))
    except (ValueError, AttributeError):
        return ""


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except OSError:
        return ""


def _asked(
    call: Any,
    doing: str,
    host: str,
    needs: str,
    answer_within: tuple[float, float],
    given: dict[str, Any],
) -> Any:
    """See `Client._ask`."""
    try:
        found = call(**given, _request_timeout=answer_within)
    except (AttributeError, TypeError, ValueError) as error:  # the SDK on what is no JSON
        if isinstance(error, DaggerProvidersError):
            raise
        raise _broken(call, doing, host) from error
    except Exception as error:
        raise explained(error, doing, host) from error
    if not _is_document(call) or (needs and not getattr(found, needs, None)):
        raise _broken(call, doing, host)
    return found


def _is_document(call: Any) -> bool:
    """Say whether the last answer was JSON: of anything else the SDK makes an empty one."""
    try:
        return isinstance(json.loads(call.__self__.api_client.last_response.data), dict)
    except ValueError:
        return False


def _broken(call: Any, doing: str, host: str) -> DaggerProvidersError:
    last = call.__self__.api_client.last_response
    return no_answer_of_kfp(doing, host, last.getheader("content-type") or "")
