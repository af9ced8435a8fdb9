import pytest

from refapp.backends.cloudwatch.errors import InvalidParameter, ResourceNotFound
from refapp.backends.cloudwatch.logs import discovery

MINUTE = 60_000
SYSTEM = {"@ingestionTime": 100, "@log": 100, "@logStream": 100, "@message": 100, "@timestamp": 100}


def shares(ask, **members):
    found = ask("GetLogGroupFields", logGroupName="g", **members)["logGroupFields"]
    percents = [field["percent"] for field in found]
    assert percents == sorted(percents, reverse=True)
    return {field["name"]: field["percent"] for field in found}


@pytest.fixture
def group(ask, clock):
    ask.stream()
    return lambda *messages, ago=0: ask.put(*messages, start=clock.now - ago)


def test_fields_and_how_many_events_have_them(ask, group):
    group('{"a": {"b": 1}, "@c": [true]}', '{"a": {"b": 2}}', "no JSON")
    assert shares(ask) == SYSTEM | {"a.b": 67, "@@c.0": 33}


def test_where_there_are_no_events_there_are_no_fields(ask, group):
    group("old", ago=15 * MINUTE + 1)
    assert shares(ask) == {}


def test_a_time_may_be_given(ask, group, clock):
    moment = clock.now // 1000 * 1000 - 60 * MINUTE
    for name, offset in {"before": -1, "first": 0, "last": 16 * MINUTE, "after": 16 * MINUTE + 1}.items():
        group(f'{{"{name}": 1}}', ago=clock.now - (moment - 8 * MINUTE + offset))
    assert shares(ask, time=moment // 1000) == SYSTEM | {"first": 50, "last": 50}


def test_the_latest_events_count(ask, group, monkeypatch):
    monkeypatch.setattr(discovery, "MOST_EVENTS", 2)
    group('{"old": 1}', ago=10)
    group('{"new": 1}', '{"new": 1}')
    assert shares(ask) == SYSTEM | {"new": 100}


def test_a_rare_field_is_not_seen_never(ask, group):
    group(*["{}"] * 300, '{"rare": 1}')
    assert shares(ask)["rare"] == 1


def test_expired_events_do_not_count(ask, group, clock):
    ask("PutRetentionPolicy", logGroupName="g", retentionInDays=1)
    group('{"a": 1}')
    moment = clock.now // 1000
    assert "a" in shares(ask, time=moment)
    clock.now += 24 * 60 * MINUTE + 1
    assert shares(ask, time=moment) == {}


def test_what_is_refused(ask):
    with pytest.raises(ResourceNotFound):
        ask("GetLogGroupFields", logGroupName="g")
    ask.stream()
    with pytest.raises(InvalidParameter, match="'time' failed"):
        ask("GetLogGroupFields", logGroupName="g", time=-1)
