import json
import socket
import urllib.error
import urllib.request

import pytest

from refapp.backends.containerinsights.page import serving


def get(url):
    with urllib.request.urlopen(url, timeout=10) as answer:
        return answer.headers["Content-Type"], answer.read().decode()


def test_metrics_and_health():
    with serving(("127.0.0.1", 0), lambda: b"a 1\n", lambda: {"waiting": 3}) as port:
        url = f"http://127.0.0.1:{port}"
        assert get(f"{url}/metrics") == ("text/plain; version=0.0.4; charset=utf-8", "a 1\n")
        kind, text = get(f"{url}/health?x=1")
        assert (kind, json.loads(text)) == ("application/json", {"status": "UP", "waiting": 3})
        with pytest.raises(urllib.error.HTTPError) as error:
            get(f"{url}/elsewhere")
        assert error.value.code == 404
        error.value.close()


def test_it_ends_with_the_block():
    with serving(("127.0.0.1", 0), lambda: b"", dict) as port:
        pass
    with pytest.raises(urllib.error.URLError, match="refused"):
        get(f"http://127.0.0.1:{port}/health")


def test_a_client_that_says_nothing_keeps_nobody():
    with serving(("127.0.0.1", 0), lambda: b"", dict) as port, socket.create_connection(("127.0.0.1", port)):
        assert get(f"http://127.0.0.1:{port}/health")


def test_an_address_that_is_taken():
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        pytest.raises(OSError, match="in use"),
        serving(server.getsockname(), lambda: b"", dict),
    ):
        pass


def test_an_address_may_be_of_version_6():
    try:
        with serving(("::1", 0), lambda: b"", dict) as port:
            assert get(f"http://[::1]:{port}/health")
    except OSError as error:
        pytest.skip(str(error))
