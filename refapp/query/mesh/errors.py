"""What can go wrong when the mesh is asked for."""


class NoSuchWorkloadError(LookupError):
    """No workload of that name is defined, and none has traffic."""
