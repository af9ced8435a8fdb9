"""Deploy, exercise and query the reference platform of *Observing gRPC Microservices*.

>>> import refapp
>>> platform = refapp.up()
>>> platform.load(users=15, duration=10)
>>> platform.logs.frame(level="error")
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from refapp.platform import Platform, attach, up

__all__ = ["Platform", "attach", "up"]


def __getattr__(name: str) -> Any:
    # Only when it is asked for: a service process imports the package too, and has no use for data frames.
    if name in __all__:
        from refapp import platform  # noqa: PLC0415

        return getattr(platform, name)
    raise AttributeError(f"module 'refapp' has no attribute {name!r}")
