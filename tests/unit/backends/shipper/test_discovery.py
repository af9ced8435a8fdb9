from dataclasses import replace
from types import SimpleNamespace

import pytest

from refapp.backends.containers.inventory import Inventory, Pod, write
from refapp.backends.shipper import discovery as module
from refapp.backends.shipper.checkpoints import Checkpoints
from refapp.backends.shipper.counters import Counters
from refapp.backends.shipper.discovery import Discovery
from refapp.backends.shipper.settings import ShipperSettings
from refapp.backends.shipper.stream import Services
from refapp.backends.shipper.tail import Place

POD = "service-a-69d7469cbf-ts4t7"


@pytest.fixture
def discover(environ, tmp_path):
    """Begins to discover; the process before is over, cleanly or not."""
    before = []

    def discover(*, clean=True, **changes):
        for checkpoints in before:
            checkpoints.close() if clean else checkpoints._connection.close()
        checkpoints = Checkpoints(tmp_path / "checkpoints.db")
        before[:] = [checkpoints]
        services = Services(SimpleNamespace(), checkpoints, Counters(), "demo", 1.0)
        return Discovery(ShipperSettings.from_environ({**environ, **changes}), services)

    yield discover
    for checkpoints in before:
        checkpoints.close()


def test_each_run_has_a_stream_once(discover, container):
    found = discover()
    assert found.look() == []
    container()
    (stream,) = found.look()
    assert stream.source.key == f"dev_{POD}_0f6a1b2c/service-a/0"
    assert (stream.checkpoint.place, stream.checkpoint.sure) == (Place(1), True)
    assert found.look() == []
    container(run=1)
    (stream,) = found.look()
    assert stream.source.key.endswith("/1")


def test_a_stream_goes_on_where_it_was(discover, container):
    log = container()
    log.write("stdout", b"one\ntwo\n")
    (stream,) = discover().look()
    moved = replace(stream.checkpoint, place=Place(1, 10, begin=5, mark=7), timestamp=5, same=2)
    stream.checkpoint = moved
    stream.close(busy=False)
    (again,) = discover().look()
    assert (again.checkpoint, again.origin) == (moved, stream.origin)
    (doubtful,) = discover(clean=False).look()
    assert doubtful.checkpoint == replace(moved, sure=False)


def test_after_an_unclean_end_also_what_was_never_written_down_is_in_doubt(discover, container):
    discover()
    container()
    found = discover(clean=False)
    (stream,) = found.look()
    assert not stream.checkpoint.sure
    container("other")
    (later,) = found.look()
    assert later.checkpoint.sure


def test_a_pod_is_waited_for_and_its_origin_stays(discover, container, tmp_path):
    path = tmp_path / "inventory.json"
    container()
    found = discover(INVENTORY=str(path))
    assert found.look() == []
    write(path, Inventory(pods=(Pod(name=POD, workload="a", namespace="prod", uid="0f6a1b2c"),)))
    (stream,) = found.look()
    assert stream.origin.about["namespace_name"] == "prod"
    write(path, Inventory())
    (again,) = discover(INVENTORY=str(path)).look()
    assert again.origin == stream.origin


def test_a_pod_that_the_inventory_never_knows(discover, container, tmp_path, monkeypatch):
    now = [100.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    container()
    found = discover(INVENTORY=str(tmp_path / "none"))
    assert found.look() == []
    now[0] += 0.9
    assert found.look() == []
    now[0] += 0.2
    (stream,) = found.look()
    assert stream.origin.about["namespace_name"] == "dev"


def test_a_last_look_does_not_wait_for_the_inventory(discover, container, tmp_path):
    container()
    found = discover(INVENTORY=str(tmp_path / "none"))
    assert found.look() == []
    assert len(found.look(last=True)) == 1


def test_what_is_forgotten_is_new_when_it_comes_again(discover, container, pods):
    container()
    found = discover()
    (stream,) = found.look()
    for path in pods.rglob("*.log"):
        path.unlink()
    found.look()
    assert stream.source.gone
    found.forget(stream)
    assert found.look() == []
    container()
    (again,) = found.look()
    assert again is not stream
    assert again.checkpoint.place == Place(1)


def test_checkpoints_of_what_is_no_longer_there_are_removed(discover, container, tmp_path):
    container()
    discover().look()
    empty = {"LOGS": str(tmp_path / "empty"), "STATE": str(tmp_path / "other")}
    found = discover(**empty)
    found.look()
    assert found._services.checkpoints.load() == {}


def test_plain_files(discover, tmp_path):
    unit, host = tmp_path / "supervisor.log", tmp_path / "messages"
    settings = {"UNITS": f"supervisor.service={unit}", "HOST_FILES": str(host)}
    found = discover(**settings)
    assert found.look() == []
    unit.write_text("one\n")
    host.write_text("before\n")
    first, second = found.look()
    assert (first.origin.form, first.checkpoint.place.offset) == ("unit", 0)
    assert (second.origin.form, second.checkpoint.place.offset) == ("host", 7)
    assert found.look() == []
    host.rename(tmp_path / "messages.1")
    host.write_text("after\n")
    again = discover(**settings).look()
    assert [stream.checkpoint.place[:2] for stream in again] == [(1, 0), (1, 7)]
    assert [[file.number for file in stream.source.files] for stream in again] == [[1], [2]]
