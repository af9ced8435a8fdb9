"""moto's SNS topics, to which alarms publish."""

from typing import Final

import requests
from moto.moto_api._internal import mock_random
from moto.sns.models import Subscription, sns_backends

TIMEOUT: Final = 5.0
"""Seconds that a subscriber has for an answer."""


class DeliveryError(Exception):
    """Some subscribers were not told; the text says which, and why."""


def publish(topic: str, subject: str, message: str) -> None:
    """Tell all subscribers of a topic, by its ARN.

    Raises:
        DeliveryError: some could not be told, or there is no such topic. The others have been told.
    """
    *_, region, account = topic.split(":")[:5]
    found = sns_backends[account][region].topics.get(topic)
    if found is None:
        raise DeliveryError(f"Topic {topic} does not exist")
    id_, failures = str(mock_random.uuid4()), []
    subscriptions, _ = found.sns_backend.list_subscriptions_by_topic(topic)
    for subscription in subscriptions:
        try:
            _tell(subscription, id_, subject, message)
        except Exception as error:  # noqa: BLE001 - whatever one subscriber does, the others are told
            failures.append(f"{subscription.endpoint}: {error}")
    found.sent_notifications.append((id_, message, subject, None, None))
    if failures:
        raise DeliveryError("; ".join(failures))


def _tell(subscription: Subscription, id_: str, subject: str, message: str) -> None:
    if subscription.protocol not in ("http", "https"):
        subscription.publish(message, id_, subject=subject)
        return
    # moto would wait for ever for one that does not answer, and not notice one that refuses.
    requests.post(
        subscription.endpoint,
        json=subscription.get_post_data(message, id_, subject),
        headers={"Content-Type": "text/plain; charset=UTF-8", "x-amz-sns-message-type": "Notification"},
        timeout=TIMEOUT,
    ).raise_for_status()
