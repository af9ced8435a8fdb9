"""moto, for the services and operations that this package does not answer itself.

It is imported when it is first asked, because that takes longer than all the rest, and each of its services when that
is first asked. What it cannot do is refused in the protocol of the request with a status that boto3 does not retry.

What moto would start, or reach elsewhere, is refused too, when it comes to that:

- CloudFormation, as a whole, with UnknownServiceException: moto's reports what it has not created (EKS, DocumentDB and
  Amazon MQ), and needs a Python package that is not installed. Create things by their own services.
- to invoke a function of Lambda, which may be created: it would run in Docker, whose package is not installed either.
- to publish to a topic of SNS with a subscriber by HTTP on another machine, or whatever else connects to one or starts
  a program: `refapp.backends.cloudwatch.endpoint.seclusion` lets nothing out, and the answer is InternalFailure with
  status 501. Subscribers on this machine are told.

Executions of Step Functions run within this process.
"""

import logging
import re
import threading
from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from typing import Any, Final

from refapp.backends.cloudwatch.endpoint.answers import StartResponse, refusal
from refapp.backends.cloudwatch.endpoint.calls import Call, Environ
from refapp.backends.cloudwatch.errors import ServiceError
from refapp.backends.cloudwatch.logs.names import ACCOUNT

Application = Callable[[dict[str, Any], StartResponse], Iterable[bytes]]
"""A WSGI application."""

Amendment = Callable[[], None]
"""Changes what moto does for a service, once the service has been imported."""

MOTO_SETTINGS: Final = {
    "MOTO_ACCOUNT_ID": ACCOUNT,
    "MOTO_DISABLE_GLOBAL_CORS": "true",  # no page in a browser may call this
    "MOTO_EVENTS_INVOKE_HTTP": "false",
}
"""Variables of the environment that moto reads when it is imported."""

_HTML = "text/html"
_ACTION = re.compile(r"The (\w+) action has not been implemented")  # what moto says of it

_log = logging.getLogger(__name__)


class UnknownOperation(ServiceError):  # noqa: N818 - named as AWS names it
    """Neither this package nor moto knows the operation."""

    code = "UnknownOperationException"


class UnknownService(ServiceError):  # noqa: N818 - as the other
    """Neither this package nor moto knows the service."""

    code = "UnknownServiceException"


class EmulationError(ServiceError):
    """moto failed; to ask again would not help."""

    code = "InternalFailure"
    status = HTTPStatus.NOT_IMPLEMENTED


class Emulation:
    """moto as a WSGI application; safe to be used by many threads."""

    def __init__(self, amend: Amendment, amendments: Mapping[str, Amendment]) -> None:
        """Make it; nothing is imported yet.

        Args:
            amend: is called when moto has been imported.
            amendments: are called before the first request to a service.
        """
        self._amend, self._amendments = amend, amendments
        self._lock = threading.Lock()
        self._application: Application | None = None

    def answer(self, call: Call, environ: Environ, start: StartResponse) -> Iterable[bytes]:
        """What moto answers, or a refusal."""
        try:
            return self._asked(call, environ, start)
        except ServiceError as error:
            return refusal(start, error, call.protocol, call.service)

    def _asked(self, call: Call, environ: Environ, start: StartResponse) -> Iterable[bytes]:
        answered = _Answer()
        try:
            body = b"".join(self._load()(dict(environ), answered))
        except NotImplementedError as error:
            raise _unknown(call, str(error)) from None
        except ImportError as error:
            raise UnknownService(
                f"This endpoint cannot answer {call.service}: moto needs the Python package {error.name} for it."
            ) from None
        except Exception as error:
            if isinstance(error, ServiceError):
                raise
            _log.exception("%s %s: moto failed", call.service, call.operation or environ.get("PATH_INFO"))
            raise EmulationError(f"moto failed: {type(error).__name__}: {error}") from None
        if answered.content_type.startswith(_HTML) and not answered.status.startswith("2"):
            raise _unknown(call, f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}")
        start(answered.status, answered.headers)
        return [body]

    def _load(self) -> Application:
        with self._lock:
            if self._application is None:
                application = _dispatcher(self._amendments)
                self._amend()
                self._application = application
            return self._application


class _Answer:
    """Keeps how an answer begins, until it is known to be one."""

    def __init__(self) -> None:
        self.status = ""
        self.headers: list[tuple[str, str]] = []

    def __call__(self, status: str, headers: list[tuple[str, str]], _: Any = None, /) -> Callable[[bytes], object]:
        self.status, self.headers = status, headers
        return lambda _: None

    @property
    def content_type(self) -> str:
        """The Content-Type, or nothing."""
        return next((value for name, value in self.headers if name.lower() == "content-type"), "")


def _dispatcher(amendments: Mapping[str, Amendment]) -> Application:
    from moto.moto_server import werkzeug_app  # noqa: PLC0415 - takes longer than all the rest

    left = dict(amendments)

    def create(service: Any) -> Any:
        if service in left:
            left.pop(service)()
        return werkzeug_app.create_backend_app(service)

    class Dispatcher(werkzeug_app.DomainDispatcherApplication):
        def get_backend_for_host(self, host: str | None) -> Any:
            if host is None:
                return None
            for backend, pattern in self.backend_url_patterns:
                if pattern.match(f"http://{host}"):
                    return backend
            raise UnknownService(f"This endpoint does not know the service {host.partition('.')[0]}.")

    return Dispatcher(create)


def _unknown(call: Call, what: str) -> UnknownOperation:
    action = _ACTION.match(what)
    name = call.operation or (action[1] if action else what)
    return UnknownOperation(f"This endpoint does not know {name} of the service {call.service}.")
