"""Whether what containers have written is in CloudWatch already."""

import time as clock

from refapp.query.answers import BackendError, ask, read_json
from refapp.query.cloudwatch.cloud import Cloud
from refapp.query.cloudwatch.errors import CloudError

SHIPPER = "shipper"
"""Under which name a platform tells the address of what ships its logs."""

_PAUSE = 0.1  # seconds until one who did not answer is asked again
_ANSWER = 5.0  # seconds that an answer may take beside the time that is waited for


def settle(cloud: Cloud, within: float) -> None:
    """Wait until all that containers have written by now is in CloudWatch Logs, and that can be asked for it.

    The shipper looks for new lines when it is asked, sends them at once, and answers when they are taken. It, and what
    stands for AWS, may be just starting again: both are waited for.

    Args:
        cloud: the CloudWatch.
        within: how many seconds to wait at most.

    Raises:
        CloudError: it is not so in that time; the message says what is in the way.
        NoCloudError: the platform runs without CloudWatch.
    """
    deadline = clock.monotonic() + within
    # The supervisor tells it: by then it has read what was in the pipes of the containers, and written it into files.
    url = cloud.address(SHIPPER)
    while obstacle := _obstacle(cloud, url, max(deadline - clock.monotonic(), _PAUSE)):
        if clock.monotonic() + _PAUSE >= deadline:
            raise CloudError(f"not all that was logged is in CloudWatch after {within:g} s: {obstacle}")
        clock.sleep(_PAUSE)


def _obstacle(cloud: Cloud, url: str, left: float) -> str:
    """What is in the way after so many seconds; nothing when all is settled."""
    try:
        answer = ask("GET", f"{url}/settled", params={"within": f"{left:.3f}"}, timeout=left + _ANSWER)
        told = read_json(answer)
        if not told["settled"]:
            return f"{told['pending']} bytes wait{': ' if told['failure'] else ''}{told['failure']}"
        # What has taken the lines may have ended since.
        cloud.call("logs", "describe_log_groups", limit=1)
    except BackendError as error:
        return str(error)
    return ""
