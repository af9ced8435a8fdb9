import json
from dataclasses import replace

from refapp.backends.cloudwatch.metrics.alarms.alarm import Standing, State
from refapp.backends.cloudwatch.metrics.alarms.history import acted, configured, moved
from refapp.backends.cloudwatch.metrics.times import utc


def test_configuration(alarm, hour, topic):
    one = alarm(OKActions=[topic], Dimensions=[{"Name": "pod", "Value": "a"}])
    item = configured(one, "Create", hour + 0.5).as_member()
    data = json.loads(item.pop("HistoryData"))
    assert item == {
        "AlarmName": "slow",
        "AlarmType": "MetricAlarm",
        "Timestamp": utc(hour + 0.5),
        "HistoryItemType": "ConfigurationUpdate",
        "HistorySummary": 'Alarm "slow" created',
    }
    assert (data["version"], data["type"]) == ("1.0", "Create")
    created = data["createdAlarm"]
    assert created["okactions"] == [topic]
    assert created["dimensions"] == [{"name": "pod", "value": "a"}]
    assert created["alarmConfigurationUpdatedTimestamp"] == "2023-11-14T22:59:00.000+0000"
    assert (created["stateValue"], created["evaluationPeriods"]) == ("OK", 1)
    assert json.loads(configured(one, "Update", hour).data)["updatedAlarm"]["alarmName"] == "slow"
    assert configured(one, "Delete", hour).summary == 'Alarm "slow" deleted'


def test_states(alarm, hour):
    old = Standing(state=State.OK, reason="before", updated=hour - 9, since=hour - 9)
    one = alarm(state="ALARM", data='{"version":"1.0","threshold":10.0}')
    item = moved(replace(one, standing=replace(one.standing, updated=hour + 1)), old)
    assert (item.type, item.summary, item.time) == ("StateUpdate", "Alarm updated from OK to ALARM", hour + 1)
    assert json.loads(item.data) == {
        "version": "1.0",
        "oldState": {"stateValue": "OK", "stateReason": "before"},
        "newState": {
            "stateValue": "ALARM",
            "stateReason": "a reason",
            "stateReasonData": {"version": "1.0", "threshold": 10.0},
        },
    }


def test_reason_data_that_are_no_object_are_told_as_they_are(alarm, hour):
    old = Standing(state=State.OK, reason="before", data="[1]", updated=hour, since=hour)
    assert json.loads(moved(alarm(state="ALARM"), old).data)["oldState"]["stateReasonData"] == [1]


def test_actions(hour, topic):
    item = acted("slow", "MetricAlarm", topic, '{"AlarmName":"slow"}', hour)
    assert (item.type, item.summary) == ("Action", f"Successfully executed action {topic}")
    data = json.loads(item.data)
    assert (data["actionState"], data["notificationResource"], data["error"]) == ("Succeeded", topic, None)
    assert json.loads(json.loads(data["publishedMessage"])["default"]) == {"AlarmName": "slow"}
    failed = acted("slow", "MetricAlarm", topic, "{}", hour, "no such topic")
    assert failed.summary == f"Failed to execute action {topic}. Received error: no such topic"
    assert json.loads(failed.data)["actionState"] == "Failed"
