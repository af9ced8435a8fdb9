"""The one platform of the session, whole again before each test."""

import httpx
import pytest

import refapp


@pytest.fixture
def platform(shared_platform, eventually):
    """The platform with every pod ready, whatever the test before did to it."""
    yield shared_platform
    for pod in shared_platform.status().pods:
        shared_platform.kill(pod.name, "SIGCONT")
    eventually(lambda: all(pod.ready for pod in shared_platform.status().pods))
    eventually(lambda: httpx.get(shared_platform.api).is_success)


@pytest.fixture(scope="module")
def hasty(tmp_path_factory):
    """A platform of one module's, at which a minute of a cluster passes in a second."""
    with refapp.up(home=tmp_path_factory.mktemp("hasty"), time_scale=1 / 60) as platform:
        yield platform
