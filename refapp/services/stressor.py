"""Uses memory and CPU until it is killed, as a leak or an endless loop in a service would.

Run as a program in a pod: `python -m refapp.services.stressor --memory BYTES --cpus CORES`.
"""

import argparse
import multiprocessing
import resource
import signal
import time
from collections.abc import Iterator

import psutil

_PERIOD = 0.05  # seconds; so short that a service beside it is slowed down evenly
_PAGE = resource.getpagesize()


def hold(size: int) -> bytearray:
    """Memory of so many bytes, every page of it written to: what is only reserved, no system counts."""
    held = bytearray(size)
    held[::_PAGE] = b"\x01" * len(held[::_PAGE])
    return held


def shares(cpus: float) -> Iterator[float]:
    """The share of one core that each of the processes is to use: as many whole ones as possible, and the rest."""
    yield from [1.0] * int(cpus)
    if rest := cpus % 1:
        yield rest


def burn(share: float) -> None:
    """Use a share of one core for ever, counted in the CPU time that this process gets."""
    used, began = time.process_time(), time.monotonic()
    while True:
        if time.process_time() - used < share * (time.monotonic() - began):
            continue
        time.sleep(_PERIOD)


def main(arguments: list[str] | None = None) -> None:
    """Use what the arguments say, until a signal ends it."""
    parser = argparse.ArgumentParser(prog="stressor", description=__doc__)
    parser.add_argument("--memory", type=int, default=0, help="bytes, those that this program alone has included")
    parser.add_argument("--cpus", type=float, default=0.0, help="cores")
    asked = parser.parse_args(arguments)
    _held = hold(max(0, asked.memory - psutil.Process().memory_full_info().uss))
    for share in shares(asked.cpus):
        multiprocessing.get_context("fork").Process(target=burn, args=(share,), daemon=True).start()
    while True:
        signal.pause()


if __name__ == "__main__":
    main()
