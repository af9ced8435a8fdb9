"""Whole ways, from a container's log to what the endpoint has: each line once, in its order."""

import asyncio
import os
import shutil
import time

from refapp.backends.containers.inventory import Container, Inventory, Pod, write
from refapp.backends.shipper.discovery import Discovery
from refapp.backends.shipper.files import Shelf
from refapp.backends.shipper.origins import Origin

GROUPS = "/aws/containerinsights/istio-observe-demo"
APPLICATION = f"{GROUPS}/application"


async def test_lines_arrive_in_their_order(logs, shipping, container, until, numbered):
    log = container()
    async with shipping() as running:
        for first in range(0, 100, 10):
            log.say(numbered(first, first + 10))
            await until(lambda expected=first + 10: logs.taken == expected)
        await until(lambda: running.value("refapp_shipper_pending_bytes") == 0)
        assert running.value("fluentbit_input_records_total") == 100
        assert running.value("fluentbit_output_proc_records_total", name="application") == 100
    assert logs.lines() == numbered(0, 100)


async def test_what_was_there_before_is_shipped_and_so_is_the_last_word(logs, shipping, container, until, numbered):
    log = container()
    log.say(numbered(0, 5))
    async with shipping(FLUSH="1000") as running:
        await until(lambda: logs.taken == 5)
        log.say(numbered(5, 9))
        await until(lambda: running.value("refapp_shipper_pending_bytes"))
        assert len(logs.lines()) == 5
    assert logs.lines() == numbered(0, 9)


async def test_settling_finds_what_nobody_has_looked_for_yet(logs, shipping, container, numbered):
    # An hour until the next batch.
    async with shipping(FLUSH="3600") as running:
        log = container()
        log.say(numbered(0, 5))
        await running.shipper.settle()
        assert logs.lines() == numbered(0, 5)
        log.say(numbered(5, 9))
        container("other").say(["hello"])
        await running.shipper.settle()
        assert sorted(logs.lines()) == ["hello", *numbered(0, 9)]


async def test_settling_does_not_wait_for_what_comes_after_it_was_asked(logs, shipping, container, numbered):
    log = container()
    log.say(numbered(0, 5))
    logs.ill = lambda operation, _: operation == "PutLogEvents" and log.say(["more"])
    async with shipping() as running:
        async with asyncio.timeout(20):
            await running.shipper.settle()
        assert logs.lines()[:5] == numbered(0, 5)
        assert running.shipper.pending()
        logs.ill = lambda *_: None


async def test_settling_waits_for_a_pod_that_the_inventory_will_know_soon(logs, shipping, container, tmp_path):
    write(tmp_path / "inventory.json", Inventory())
    async with shipping(INVENTORY=str(tmp_path / "inventory.json")) as running:
        container().say(["early"])
        await running.shipper.settle()
        assert logs.lines() == ["early"]


async def test_settling_waits_for_an_endpoint_that_is_down(logs, shipping, container, until):
    container().say(["hello"])
    logs.stop()
    async with shipping() as running:
        settling = asyncio.create_task(running.shipper.settle())
        await until(lambda: running.shipper.failure)
        assert not settling.done()
        again = logs.again()
        await settling
        assert again.lines() == ["hello"]
    again.stop()


async def test_settling_waits_until_a_file_can_be_taken_up(logs, shipping, container, until, monkeypatch):
    keep, refused = Shelf.keep, []

    def refuse(*_):
        refused.append(True)
        raise OSError("disk full")

    monkeypatch.setattr(Shelf, "keep", refuse)
    container().say(["hello"])
    async with shipping() as running:
        settling = asyncio.create_task(running.shipper.settle())
        await until(lambda: len(refused) > 3)
        assert not settling.done()
        monkeypatch.setattr(Shelf, "keep", keep)
        await settling
        assert logs.lines() == ["hello"]


async def test_half_a_line_is_none(logs, shipping, container):
    log = container()
    log.write("stdout", b"whole\nhalf")
    os.write(log._file, b"2026-11-23T05:00:00.000000000Z stdout F ha")
    async with shipping() as running:
        await running.shipper.settle()
        assert logs.lines() == ["whole"]
        assert running.shipper.pending()
        os.write(log._file, b"lf\n")
        await running.shipper.settle()
        assert logs.lines() == ["whole", "half"]


async def test_a_look_that_fails_is_not_the_last(logs, shipping, container, until, monkeypatch, caplog):
    container().say(["hello"])
    look = Discovery.look

    def fail_once(*_, **__):
        monkeypatch.setattr(Discovery, "look", look)
        raise RuntimeError("once")

    monkeypatch.setattr(Discovery, "look", fail_once)
    async with shipping():
        await until(lambda: logs.taken == 1)
    assert "a look for new files is given up" in caplog.text


async def test_a_defect_holds_up_nobody_else(logs, shipping, container, until, monkeypatch, caplog):
    container().say(["bad"])
    container("other").say(["good"])
    event = Origin.event

    def fail(origin, line):
        if line.text == b"bad":
            raise ZeroDivisionError
        return event(origin, line)

    with monkeypatch.context() as defect:
        defect.setattr(Origin, "event", fail)
        async with shipping(GRACE="0.05"):
            await until(lambda: logs.lines() == ["good"])
            await until(lambda: "ZeroDivisionError" in caplog.text)
    async with shipping():
        await until(lambda: sorted(logs.lines()) == ["bad", "good"])


async def test_a_restart_repeats_nothing(logs, shipping, container, until, numbered):
    log = container()
    for first in range(0, 30, 10):
        log.say(numbered(first, first + 10))
        async with shipping() as running:
            await until(lambda expected=first + 10: logs.taken == expected)
            await until(lambda: not running.value("refapp_shipper_pending_bytes"))
        assert running.value("refapp_shipper_asked_total") == 0
    assert logs.lines() == numbered(0, 30)


async def test_each_container_has_a_stream_and_each_kind_a_group(logs, shipping, container, until, tmp_path):
    pod = Pod(
        name="prometheus-1-1", workload="prometheus", namespace="istio-system", uid="u1",
        containers=(Container(name="prometheus", image="refapp/prometheus"),),
    )  # fmt: skip
    write(tmp_path / "inventory.json", Inventory(pods=(pod,)))
    container().say(["application"])
    container("istio-proxy").say(["sidecar"])
    container("prometheus", pod="dev_prometheus-1-1_u1").say(["watcher"])
    (tmp_path / "supervisor.log").write_text("2026-11-23 05:00:00,123 INFO ready \n")
    (tmp_path / "messages").write_text("long ago\n")
    units, host = f"supervisor.service={tmp_path / 'supervisor.log'}", f"{tmp_path / 'messages'},/nowhere/at/all"
    async with shipping(INVENTORY=str(tmp_path / "inventory.json"), UNITS=units, HOST_FILES=host) as running:
        await until(lambda: len(running.shipper.streams) == 5)
        await until(lambda: not running.value("refapp_shipper_pending_bytes"))
        with (tmp_path / "messages").open("a") as file:
            file.write("Nov 23 05:00:00 laptop kernel: warm\n")
        await until(lambda: logs.groups.get(f"{GROUPS}/host"))
    assert logs.lines() == ["application"]
    streams = {group.rpartition("/")[2]: sorted(streams) for group, streams in logs.groups.items()}
    assert [name.rpartition("-")[0] for name in streams["application"]] == [
        "ip-127-0-0-1-application.var.log.containers.service-a-69d7469cbf-ts4t7_dev_service-a"
    ]
    unit, watcher, sidecar = streams["dataplane"]
    assert watcher.startswith("ip-127-0-0-1-dataplane.tail.var.log.containers.prometheus-1-1_istio-system_prometheus-")
    assert sidecar.startswith("ip-127-0-0-1-dataplane.tail.var.log.containers.service-a-69d7469cbf-ts4t7_dev_istio-")
    assert unit == "ip-127-0-0-1-dataplane.systemd.supervisor.service"
    assert streams["host"] == ["ip-127-0-0-1.host.messages"]
    (message,) = logs.messages(group=f"{GROUPS}/dataplane", stream=unit)
    assert message == {
        "hostname": "ip-127-0-0-1",
        "systemd_unit": "supervisor.service",
        "message": "2026-11-23 05:00:00,123 INFO ready ",
    }
    assert logs.messages(group=f"{GROUPS}/host") == [{"host": "laptop", "ident": "kernel", "message": "warm"}]
    (message,) = logs.messages(group=f"{GROUPS}/dataplane", stream=watcher)
    assert message["kubernetes"]["container_image"] == "refapp/prometheus"


async def test_a_pod_that_the_inventory_will_know_soon(logs, shipping, container, until, tmp_path):
    path = tmp_path / "inventory.json"
    container().say(["early"])
    async with shipping(INVENTORY=str(path)):
        pod = Pod(name="service-a-69d7469cbf-ts4t7", workload="a", namespace="elsewhere", uid="0f6a1b2c")
        write(path, Inventory(pods=(pod,)))
        await until(lambda: logs.groups)
    assert list(logs.groups) == [f"{GROUPS}/dataplane"]


async def test_a_pod_that_came_and_went_between_two_looks(logs, shipping, container, until, tmp_path):
    write(tmp_path / "inventory.json", Inventory())
    async with shipping(INVENTORY=str(tmp_path / "inventory.json")):
        log = container()
        log.write("stdout", b"hello and\n goodbye")
        log.close()
        await until(lambda: logs.lines() == ["hello and", " goodbye"])


async def test_rotation_under_load(logs, shipping, container, until, numbered):
    log = container(size=2000)
    async with shipping() as running:
        for first in range(0, 2000, 10):
            log.say(numbered(first, first + 10))
            if first % 100 == 0:
                await until(lambda written=first + 10: running.sent() == written)
        await until(lambda: logs.taken >= 2000)
        assert running.value("refapp_shipper_gaps_total") == 0
    assert logs.lines() == numbered(0, 2000)


async def test_truncation(logs, shipping, container, until, numbered):
    log = container()
    log.say(numbered(0, 20))
    async with shipping() as running:
        await until(lambda: logs.taken == 20)
        await until(lambda: not running.shipper.pending())
        os.truncate(log.path, 0)
        # As long as before, and longer: only what stands there tells.
        log.say(numbered(20, 45))
        await until(lambda: logs.taken >= 45)
        os.truncate(log.path, 0)
        log.say(numbered(45, 46))
        await until(lambda: logs.taken >= 46)
    assert logs.lines() == numbered(0, 46)


async def test_files_that_are_removed(logs, shipping, container, until, pods, tmp_path, numbered):
    log = container()
    log.say(numbered(0, 10))
    async with shipping() as running:
        await until(lambda: logs.taken == 10)
        logs.ill = lambda *_: time.sleep(0.2)
        log.say(numbered(10, 20))
        await until(running.shipper.pending)
        shutil.rmtree(pods)
        await until(lambda: logs.taken == 20)
        await until(lambda: not running.shipper.streams)
        assert list((tmp_path / "state" / "kept").rglob("*")) == []
    assert logs.lines() == numbered(0, 20)
    async with shipping() as running:
        assert running.services.checkpoints.load() == {}


async def test_another_run_of_a_container(logs, shipping, container, until):
    first = container(run=0)
    first.write("stdout", b"x" * 20_000)  # a part whose rest never comes
    async with shipping():
        container(run=1).say(["second"])
        await until(lambda: len(logs.groups.get(APPLICATION, ())) == 2)
    first.close()
    assert sorted(len(line) for line in logs.lines()) == [6, 20_000]
    assert {message["_p"] for message in logs.messages()} == {"F", "P"}


async def test_a_line_of_two_megabytes(logs, shipping, container, until):
    log = container()
    text = "".join(f"{number:07}\u2028" for number in range(200_000))
    log.say(["before", text, "after"])
    async with shipping() as running:
        await until(lambda: "after" in logs.lines())
        assert running.value("refapp_shipper_cut_records_total") == 0
    lines = logs.lines()
    assert (lines[0], lines[-1]) == ("before", "after")
    assert "".join(lines[1:-1]) == text
    assert [message["_p"] for message in logs.messages()][1:-1] == ["P"] * (len(lines) - 3) + ["F"]


async def test_a_line_of_another_writer_that_no_event_can_hold(logs, shipping, pods, until):
    path = pods / "dev_pod-x-y_uid" / "container" / "0.log"
    path.parent.mkdir(parents=True)
    path.write_text(f"2026-11-23T05:00:00.000000000Z stdout F {'x' * 2_000_000}\n")
    async with shipping() as running:
        await until(running.sent)
        kept = len(logs.lines()[0])
        assert running.value("refapp_shipper_cut_records_total") == 1
        assert running.value("refapp_shipper_cut_characters_total") == 2_000_000 - kept
    assert kept > 990_000


async def test_invalid_utf_8(logs, shipping, container, until):
    container().write("stdout", b'caf\xe9 \xff{"a": "\xc3\xa9"}\n\x00\x01\n{"b": "\xff"}\n')
    async with shipping():
        await until(lambda: logs.taken == 3)
    assert logs.lines() == ['caf\ufffd \ufffd{"a": "é"}', "\x00\x01", '{"b": "\ufffd"}']


async def test_a_full_disk_for_the_checkpoint(logs, shipping, container, until, numbered):
    log = container()
    log.say(numbered(0, 10))
    async with shipping() as running:
        await until(lambda: logs.taken == 10)
        fill = "CREATE TEMP TRIGGER full BEFORE INSERT ON main.streams BEGIN SELECT RAISE(FAIL, 'full'); END"
        running.services.checkpoints._connection.execute(fill)
        log.say(numbered(10, 20))
        await until(lambda: logs.taken == 20)
        await until(lambda: running.value("refapp_shipper_checkpoint_errors_total"))
    async with shipping() as running:
        await until(lambda: running.value("refapp_shipper_asked_total") == 1)
        log.say(numbered(20, 30))
        await until(lambda: logs.taken >= 30)
    assert logs.lines() == numbered(0, 30)
