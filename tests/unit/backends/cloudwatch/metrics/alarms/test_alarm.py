import pytest

from refapp.backends.cloudwatch.metrics.alarms.alarm import State, alarm_name, as_member
from refapp.backends.cloudwatch.metrics.times import utc


def test_kinds(alarm):
    assert (alarm().kind, alarm().name) == ("MetricAlarm", "slow")
    assert alarm("any", rule="TRUE").kind == "CompositeAlarm"


def test_each_state_has_its_actions(alarm, topic):
    one = alarm(OKActions=[topic + "-ok"], AlarmActions=[topic, topic + "-too"])
    assert one.actions(State.OK) == [topic + "-ok"]
    assert one.actions(State.ALARM) == [topic, topic + "-too"]
    assert one.actions(State.INSUFFICIENT_DATA) == []
    assert alarm(AlarmActions=[topic], ActionsEnabled=False).actions(State.ALARM) == []


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("slow", "slow"),
        ("arn:aws:cloudwatch:eu-west-1:123456789012:alarm:a:alarm:b", "a:alarm:b"),
        ("a:alarm:b", "a:alarm:b"),
    ],
)
def test_names_of_arns(text, name):
    assert alarm_name(text) == name


def test_members(alarm, hour):
    member = as_member(alarm(state="ALARM", data='{"version":"1.0"}'))
    assert member["AlarmArn"].endswith(":alarm:slow")
    assert (member["StateValue"], member["StateReason"]) == ("ALARM", "a reason")
    assert member["StateReasonData"] == '{"version":"1.0"}'
    assert member["StateUpdatedTimestamp"] == member["StateTransitionedTimestamp"] == utc(hour)
    assert member["AlarmConfigurationUpdatedTimestamp"] == utc(hour - 60)
    assert member["Threshold"] == 10
    assert "StateReasonData" not in as_member(alarm())
