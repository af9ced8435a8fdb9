"""Become a supervisor: `python -m refapp.deploy.local.daemon`, with what to run as JSON on standard input.

Whoever starts it waits for its end, which comes as soon as a child of it holds the supervisor's lock: that child
is nobody's, and lives as long as the platform.
"""

import json
import os
import sys
from pathlib import Path

from refapp.deploy.local.rundir import RunDirectory


def main() -> None:
    """Leave a supervisor behind."""
    request = json.load(sys.stdin)
    run = RunDirectory(Path(request["path"]))
    with run.lock_supervisor():
        if os.fork():
            # Without a word: what is buffered and registered here is the child's.
            os._exit(0)
        # Not before: it takes a while, and a lock that is held answers the question whether there is a supervisor.
        from refapp.deploy.local.options import Options  # noqa: PLC0415
        from refapp.deploy.local.supervisor import supervise  # noqa: PLC0415
        from refapp.topology import Topology  # noqa: PLC0415

        supervise(run, Topology.from_dict(request["topology"]), Options(**request["options"]))


if __name__ == "__main__":
    main()
