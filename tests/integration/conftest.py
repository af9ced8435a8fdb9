"""The one platform of the session, whole again before each test."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import httpx
import pytest

import refapp


@pytest.fixture(scope="session")
def run_directory(tmp_path_factory):
    """The run directory of the session's platform; short enough for a socket."""
    return tmp_path_factory.mktemp("run")


@pytest.fixture(scope="session")
def shared_platform(run_directory):
    """The session's platform, as the tests before left it; to its alerts a minute passes in a second."""
    with refapp.up(home=run_directory, idle=600, time_scale=1 / 60) as platform:
        yield platform


@pytest.fixture
def platform(shared_platform, eventually):
    """The platform with every pod ready, whatever the test before did to it."""
    yield shared_platform
    for pod in shared_platform.status().pods:
        shared_platform.kill(pod.name, "SIGCONT")
    eventually(lambda: all(pod.ready for pod in shared_platform.status().pods))
    eventually(lambda: httpx.get(shared_platform.api).is_success)


@pytest.fixture(scope="session")
def pods_of():
    """The pods of a workload."""

    def pods_of(platform, workload):
        return [pod for pod in platform.status().pods if pod.workload == workload]

    return pods_of


@pytest.fixture(scope="session")
def loaded():
    """Loads a platform, a second at a time, while a block runs; gives the list of the reports."""

    @contextmanager
    def loaded(platform, **load):
        over, reports = threading.Event(), []

        def work():
            while not over.is_set():
                reports.append(platform.load(duration=1, **load))

        with ThreadPoolExecutor(1) as pool:
            loading = pool.submit(work)
            try:
                yield reports
            finally:
                over.set()
            loading.result()

    return loaded
