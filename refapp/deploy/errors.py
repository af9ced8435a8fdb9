"""What can go wrong when the platform is put somewhere."""


class DeployError(RuntimeError):
    """The platform could not be started, reached or changed; the message says what to do."""


class NotRunningError(DeployError):
    """No platform is running there."""


class MissingBinaryError(DeployError):
    """A program that the platform needs is not installed; the message has the command that installs it."""


class RunDirectoryError(DeployError):
    """The run directory cannot be used."""
