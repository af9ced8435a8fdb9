"""What the metrics API answers when it refuses a request, by the codes of botocore's `cloudwatch` model."""
# ruff: noqa: N818 - they are named as AWS names them

from refapp.backends.cloudwatch.errors import ServiceError


class ValidationError(ServiceError):
    """A parameter breaks a rule of its own."""

    code = "ValidationError"


class InvalidParameterValue(ServiceError):
    """The value of a parameter is out of what it may be."""

    code = "InvalidParameterValue"


class InvalidParameterCombination(ServiceError):
    """Parameters that exclude each other, or of which one has to be there."""

    code = "InvalidParameterCombination"


class MissingParameter(ServiceError):
    """A parameter has to be there."""

    code = "MissingParameter"


class InvalidNextToken(ServiceError):
    """The token is not one that was given out for this request."""

    code = "InvalidNextToken"


class InvalidFormat(ServiceError):
    """Something that has to be JSON is not."""

    code = "InvalidFormat"


class NotFound(ServiceError):
    """The alarm does not exist."""

    code = "ResourceNotFound"
    status = 404


class TaggedNotFound(ServiceError):
    """The resource whose tags are meant does not exist."""

    code = "ResourceNotFoundException"
    status = 404


class ResourceConflict(ServiceError):
    """Something else depends on what the request would delete."""

    code = "ResourceConflict"
    status = 409


class InvalidAction(ServiceError):
    """The operation is none of those that are answered here."""

    code = "InvalidAction"


class InternalFailure(ServiceError):
    """The request cannot be served now, for example because the disk is full; it may be repeated."""

    code = "InternalServiceError"
    status = 500
