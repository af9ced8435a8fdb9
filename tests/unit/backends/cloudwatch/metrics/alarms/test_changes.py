import json

import pytest

from refapp.backends.cloudwatch.metrics.alarms.alarm import State
from refapp.backends.cloudwatch.metrics.alarms.book import AlarmBook, Choice
from refapp.backends.cloudwatch.metrics.alarms.changes import Changes, suppression


@pytest.fixture
def book(tmp_path):
    with AlarmBook(tmp_path / "alarms.db") as book:
        yield book


class Panel:
    """Alarms that change one after the other, and are recorded."""

    def __init__(self, book, hour, *alarms):
        self.book, self.now = book, hour + 100.0
        self.alarms = {alarm.name: alarm for alarm in alarms}

    def change(self, work, now=None):
        self.now = self.now if now is None else now
        changes = Changes(self.alarms, self.now)
        work(changes)
        self.was_changed = changes.record(self.book)
        self.alarms = changes.alarms

    def move(self, name, state, now=None):
        self.change(lambda changes: changes.move(name, State(state), f"{name} is {state}"), now)

    def act(self, name, now):
        self.change(lambda changes: changes.act(name), now)

    def state(self, name):
        return self.alarms[name].state

    def sent(self):
        return [json.loads(message.message)["NewStateValue"] for _, message in self.book.notifications()]

    def summaries(self):
        return [f"{item.alarm}: {item.summary}" for item in self.book.history(Choice())]


def test_a_state_is_recorded_with_its_history_and_its_actions(book, alarm, hour, topic):
    panel = Panel(book, hour, alarm(AlarmActions=[topic, topic + "-2"], OKActions=[topic]))
    panel.move("slow", "ALARM")
    one = book.alarms()["slow"]
    assert (one.state, one.standing.reason, one.standing.since, one.acted) == (
        "ALARM",
        "slow is ALARM",
        hour + 100,
        "ALARM",
    )
    assert panel.summaries() == ["slow: Alarm updated from OK to ALARM"]
    assert [message.topic for _, message in book.notifications()] == [topic, topic + "-2"]
    assert json.loads(book.notifications()[0][1].message)["OldStateValue"] == "OK"


def test_the_same_state_again_is_no_change(book, alarm, hour, topic):
    panel = Panel(book, hour, alarm(OKActions=[topic]))
    panel.move("slow", "OK")
    one = book.alarms()["slow"]
    assert (one.standing.reason, one.standing.updated, one.standing.since) == ("slow is OK", hour + 100, hour)
    assert (panel.summaries(), panel.sent()) == ([], [])


def test_nothing_is_recorded_when_nothing_changed(book, alarm, hour):
    panel = Panel(book, hour, alarm())
    panel.change(lambda changes: changes.act("slow"))
    assert not panel.was_changed
    assert book.alarms() == {}


def test_disabled_actions_are_not_taken_later(book, alarm, hour, topic):
    panel = Panel(book, hour, alarm(AlarmActions=[topic], ActionsEnabled=False))
    panel.move("slow", "ALARM")
    panel.alarms = {"slow": alarm(AlarmActions=[topic], state="ALARM")}
    panel.act("slow", hour + 200)
    assert panel.sent() == []


def test_composite_alarms_follow(book, alarm, hour, topic):
    any_ = alarm("any", rule="ALARM(a) OR ALARM(b)", AlarmActions=[topic])
    panel = Panel(book, hour, alarm("a"), alarm("b"), any_, alarm("outer", rule="ALARM(any) AND NOT ALARM(b)"))
    panel.move("a", "ALARM")
    assert (panel.state("any"), panel.state("outer")) == ("ALARM", "ALARM")
    reason = panel.alarms["any"].standing.reason
    assert reason.startswith(f"{panel.alarms['a'].arn} transitioned to ALARM at Tuesday 14 November, 2023 23:01:40 UTC")
    assert panel.alarms["outer"].standing.reason.startswith(panel.alarms["any"].arn)
    panel.move("b", "ALARM")
    assert (panel.state("any"), panel.state("outer")) == ("ALARM", "OK")
    panel.move("a", "OK")
    panel.move("b", "INSUFFICIENT_DATA")
    assert (panel.state("any"), panel.state("outer")) == ("OK", "OK")
    assert panel.sent() == ["ALARM"]
    assert [summary for summary in panel.summaries() if summary.startswith("any")] == [
        "any: Alarm updated from OK to ALARM",
        "any: Alarm updated from ALARM to OK",
    ]


def test_a_long_chain_of_composite_alarms_is_followed(book, alarm, hour):
    chain = [alarm(f"c{no}", rule=f"ALARM(c{no - 1})") for no in range(1, 400)]
    panel = Panel(book, hour, alarm("c0"), *chain)
    panel.move("c0", "ALARM")
    assert {one.state for one in panel.alarms.values()} == {State.ALARM}


def test_a_composite_alarm_is_evaluated_when_it_is_defined(book, alarm, hour):
    panel = Panel(book, hour, alarm("a", "ALARM"))
    panel.change(lambda changes: changes.define(alarm("any", "INSUFFICIENT_DATA", rule="ALARM(a)")))
    assert panel.state("any") == "ALARM"
    assert panel.alarms["any"].standing.reason.endswith("alarm:any was created and its alarm rule evaluates to ALARM")
    panel.change(lambda changes: changes.define(alarm("any", "ALARM", rule="OK(a)")))
    assert panel.alarms["any"].standing.reason.endswith("alarm:any was updated and its alarm rule evaluates to OK")
    assert panel.summaries() == [
        'any: Alarm "any" created',
        "any: Alarm updated from INSUFFICIENT_DATA to ALARM",
        'any: Alarm "any" updated',
        "any: Alarm updated from ALARM to OK",
    ]
    panel.change(lambda changes: changes.remove("any"))
    assert panel.summaries()[-1] == 'any: Alarm "any" deleted'
    assert list(panel.alarms) == ["a"]


@pytest.fixture
def suppressed(book, alarm, hour, topic):
    """A composite alarm over a, suppressed by s: it waits for 60 seconds, and for 90 after s."""
    periods = {"ActionsSuppressorWaitPeriod": 60, "ActionsSuppressorExtensionPeriod": 90}
    actions = {"AlarmActions": [topic], "OKActions": [topic]}
    composite = alarm("any", rule="ALARM(a)", ActionsSuppressor="s", **periods, **actions)
    panel = Panel(book, hour, alarm("a"), alarm("s"), composite)
    panel.by = lambda now: suppression(panel.alarms["any"], panel.alarms, now)
    return panel


def test_actions_wait_for_the_suppressor(suppressed, hour):
    suppressed.move("a", "ALARM", hour + 100)
    assert suppressed.by(hour + 100) == "WaitPeriod"
    suppressed.act("any", hour + 159)
    assert suppressed.sent() == []
    suppressed.act("any", hour + 160)
    assert suppressed.sent() == ["ALARM"]
    suppressed.act("any", hour + 161)
    assert suppressed.sent() == ["ALARM"]
    assert suppressed.by(hour + 161) is None


def test_actions_are_suppressed_until_some_time_after_the_suppressor(suppressed, hour):
    suppressed.move("a", "ALARM", hour + 100)
    suppressed.move("s", "ALARM", hour + 130)
    suppressed.act("any", hour + 500)
    assert suppressed.by(hour + 500) == "Alarm"
    suppressed.move("s", "OK", hour + 600)
    suppressed.act("any", hour + 689)
    assert (suppressed.by(hour + 689), suppressed.sent()) == ("ExtensionPeriod", [])
    suppressed.act("any", hour + 690)
    assert suppressed.sent() == ["ALARM"]


def test_actions_wait_after_the_suppressor_alone_and_only_when_it_suppressed(suppressed, hour):
    suppressed.move("a", "ALARM", hour + 100)
    suppressed.move("s", "INSUFFICIENT_DATA", hour + 150)
    assert suppressed.by(hour + 160) is None
    suppressed.act("any", hour + 160)
    suppressed.move("a", "OK", hour + 200)
    assert suppressed.by(hour + 259) == "WaitPeriod"
    assert suppressed.by(hour + 260) is None


def test_what_is_over_before_it_may_be_told_is_not_told(suppressed, hour):
    suppressed.move("s", "ALARM", hour + 100)
    suppressed.move("a", "ALARM", hour + 110)
    suppressed.move("a", "OK", hour + 120)
    assert suppressed.by(hour + 120) is None
    suppressed.move("s", "OK", hour + 130)
    suppressed.act("any", hour + 1000)
    assert suppressed.sent() == []


def test_the_message_tells_of_the_state_that_was_acted_for_last(suppressed, hour):
    suppressed.move("a", "ALARM", hour + 100)
    suppressed.act("any", hour + 160)
    message = json.loads(suppressed.book.notifications()[0][1].message)
    assert (message["OldStateValue"], message["NewStateValue"]) == ("OK", "ALARM")
    assert message["StateChangeTime"] == "2023-11-14T23:01:40.000+0000"
