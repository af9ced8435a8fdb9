"""What a service answers when it refuses a request: AWS's error codes as exceptions.

A code is a shape of the service's model (botocore's `logs` and `cloudwatch`, `service-2.json`). The endpoint writes
`code` as `__type`, the text as `message`, and what `extra` holds beside them.
"""
# ruff: noqa: N818 - they are named as AWS names them

from typing import Any, ClassVar


class ServiceError(Exception):
    """A request is refused; the text says why.

    `extra` are further members of the error's shape, by their names in the service's model.
    """

    code: ClassVar[str] = "InternalFailure"
    status: ClassVar[int] = 400

    def __init__(self, message: str, **extra: Any) -> None:
        super().__init__(message)
        self.message = message
        self.extra: dict[str, Any] = extra


class InvalidParameter(ServiceError):
    """A parameter is wrong."""

    code = "InvalidParameterException"


class ResourceNotFound(ServiceError):
    """What the request names does not exist."""

    code = "ResourceNotFoundException"


class ResourceAlreadyExists(ServiceError):
    """What the request would make exists."""

    code = "ResourceAlreadyExistsException"


class LimitExceeded(ServiceError):
    """There is no room for more of these."""

    code = "LimitExceededException"


class MalformedQuery(ServiceError):
    """A query of Logs Insights cannot be run; `start` and `end` say where in it, in characters, `end` excluded."""

    code = "MalformedQueryException"

    def __init__(self, message: str, start: int, end: int) -> None:
        location = {"startCharOffset": start, "endCharOffset": end}
        super().__init__(message, queryCompileError={"location": location, "message": message})
        self.start, self.end = start, end


class ServiceUnavailable(ServiceError):
    """The service cannot answer now, for example because the disk is full; the request may be repeated."""

    code = "ServiceUnavailableException"
    status = 503
