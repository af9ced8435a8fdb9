"""What can go wrong when traces are asked for."""


class TraceBackendError(RuntimeError):
    """The collector could not be asked, or refused; the message has its address and what it said.

    `status` is the HTTP status of its answer; None when there was no answer that could be read.
    """

    def __init__(self, message: str, status: int | None = None) -> None:
        self.status = status
        super().__init__(message)


class TraceNotFoundError(TraceBackendError):
    """The collector knows no trace of that id."""


class NoTracingError(RuntimeError):
    """The platform runs without a collector of traces."""
