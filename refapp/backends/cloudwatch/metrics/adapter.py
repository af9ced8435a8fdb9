"""CloudWatch's operations in moto's server: those on metrics and alarms are answered here, the others by moto.

moto reads a request and writes the answer, in each protocol of botocore's model; see `protocols` for CBOR. It keeps
dashboards and Contributor Insights rules. What neither answers is refused in a way that clients do not try again.

Each region has its own metrics and alarms. Which one a request means is told by its signature, as for all of moto.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from time import time
from typing import Any, ClassVar, Final

from botocore.model import OperationNotFoundError
from moto.cloudwatch import urls
from moto.cloudwatch.exceptions import CloudWatchException
from moto.cloudwatch.responses import CloudWatchResponse
from moto.cloudwatch.utils import make_arn_for_alarm
from moto.core.errors import COMMON_ERROR_CODES
from moto.core.request import Request
from moto.core.responses import ActionResult
from moto.core.utils import camelcase_to_underscores, get_service_model, method_names_from_class

from refapp.backends.cloudwatch.errors import ServiceError
from refapp.backends.cloudwatch.metrics import constraints, protocols
from refapp.backends.cloudwatch.metrics.alarms.alarm import Alarm, State, alarm_name
from refapp.backends.cloudwatch.metrics.alarms.book import AlarmBookError
from refapp.backends.cloudwatch.metrics.alarms.listings import describe_alarms, describe_for_metric, describe_history
from refapp.backends.cloudwatch.metrics.alarms.panel import AlarmPanel
from refapp.backends.cloudwatch.metrics.data import get_metric_data
from refapp.backends.cloudwatch.metrics.datapoints import get_metric_statistics
from refapp.backends.cloudwatch.metrics.errors import (
    InternalFailure,
    InvalidAction,
    InvalidParameterValue,
    TaggedNotFound,
    ValidationError,
)
from refapp.backends.cloudwatch.metrics.listing import list_metrics
from refapp.backends.cloudwatch.metrics.periods import Clock
from refapp.backends.cloudwatch.metrics.regions import MetricRegion
from refapp.backends.cloudwatch.metrics.store import MetricStore, MetricStoreError
from refapp.backends.cloudwatch.metrics.uploads import parse_upload

LARGEST_UPLOAD: Final = 1024 * 1024
"""How many bytes PutMetricData takes, as they were sent."""

_RPC_PATH = "/service/GraniteServiceVersion20100801/operation/"

Answer = dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Served:
    """What the requests are about."""

    region: Callable[[str], MetricRegion]
    clock: Clock


def install(region: Callable[[str], MetricRegion], clock: Clock = time) -> None:
    """Let moto's server answer for these regions, by their names, from the next application on that is made of it."""

    class Installed(MetricsResponse):
        served = Served(region, clock)

    protocols.teach()
    if InvalidAction.code not in COMMON_ERROR_CODES:
        COMMON_ERROR_CODES.append(InvalidAction.code)  # AWS lists it among the errors that all services have
    urls.url_paths = {"{0}/$": Installed.dispatch, f"{{0}}{_RPC_PATH}(?P<operation>[^/]+)$": Installed.dispatch}


def _answering(operation: Callable[["MetricsResponse"], Answer]) -> Callable[["MetricsResponse"], ActionResult]:
    @wraps(operation)
    def answer(response: "MetricsResponse") -> ActionResult:
        try:
            return ActionResult(operation(response))
        except (MetricStoreError, AlarmBookError) as error:
            raise _exception(InternalFailure(str(error))) from error
        except ServiceError as error:
            raise _exception(error) from error

    return answer


def _exception(error: ServiceError) -> CloudWatchException:
    return CloudWatchException(error.code, error.message)


class MetricsResponse(CloudWatchResponse):
    """A request, and the answer to it."""

    use_raw_body = True  # CBOR is no text
    served: ClassVar[Served]

    def __init__(self) -> None:
        super().__init__()
        self._unreadable: ServiceError | None = None

    @property
    def _store(self) -> MetricStore:
        return self.served.region(self.region).store

    @property
    def _alarms(self) -> AlarmPanel:
        return self.served.region(self.region).alarms

    def parse_parameters(self, request: Request) -> None:
        """Read the request's parameters; one that cannot be read is refused later."""
        self.params: Any = {}
        try:
            super().parse_parameters(request)
        except OperationNotFoundError:
            self._unreadable = InvalidAction(f"CloudWatch has no operation {self._get_action()}.")
        except Exception as error:  # noqa: BLE001 - moto's parsers raise anything
            self._unreadable = ValidationError(f"The request cannot be read: {error!r}")

    def call_action(self) -> Any:
        """Answer the request."""
        try:
            self._check()
        except ServiceError as error:
            status, headers, body = self.serialized(ActionResult(_exception(error)))
            return status, *self._enrich_response(headers, body)
        return super().call_action()

    def _check(self) -> None:
        """That the request is one of those that are answered.

        Raises:
            ServiceError: it is not.
        """
        if self._unreadable is not None:
            raise self._unreadable
        action = self._get_action()
        if not action or camelcase_to_underscores(action) not in method_names_from_class(type(self)):
            raise InvalidAction(f"The operation {action} of CloudWatch is not supported here.")
        constraints.check(get_service_model("cloudwatch").operation_model(action).input_shape, self.params)

    def _get_action(self) -> str:
        _, found, operation = self.path.partition(_RPC_PATH)
        return operation if found else super()._get_action()

    @_answering
    def put_metric_data(self) -> Answer:
        """Answer PutMetricData."""
        if int(self.headers.get("Content-Length") or 0) > LARGEST_UPLOAD:
            raise InvalidParameterValue(f"A request must have at most {LARGEST_UPLOAD:,} bytes.")
        self._store.put(parse_upload(self.params, self.served.clock()))
        return None

    @_answering
    def list_metrics(self) -> Answer:
        """Answer ListMetrics."""
        return list_metrics(self._store, self.params, self.served.clock())

    @_answering
    def get_metric_statistics(self) -> Answer:
        """Answer GetMetricStatistics."""
        return get_metric_statistics(self._store, self.params, self.served.clock())

    @_answering
    def get_metric_data(self) -> Answer:
        """Answer GetMetricData."""
        properties = {"AccountId": self.current_account, "Region": self.region}
        return get_metric_data(self._store, self.params, self.served.clock(), properties)

    @_answering
    def put_metric_alarm(self) -> Answer:
        """Answer PutMetricAlarm."""
        self._alarms.put_metric_alarm(self.params, self._arn())
        return None

    @_answering
    def put_composite_alarm(self) -> Answer:
        """Answer PutCompositeAlarm."""
        self._alarms.put_composite_alarm(self.params, self._arn())
        return None

    @_answering
    def describe_alarms(self) -> Answer:
        """Answer DescribeAlarms."""
        return describe_alarms(self._alarms.alarms, self.params, self.served.clock())

    @_answering
    def describe_alarms_for_metric(self) -> Answer:
        """Answer DescribeAlarmsForMetric."""
        return describe_for_metric(self._alarms.alarms, self.params, self.served.clock())

    @_answering
    def describe_alarm_history(self) -> Answer:
        """Answer DescribeAlarmHistory."""
        return describe_history(self._alarms, self.params)

    @_answering
    def delete_alarms(self) -> Answer:
        """Answer DeleteAlarms."""
        self._alarms.delete(self.params["AlarmNames"])
        return None

    @_answering
    def enable_alarm_actions(self) -> Answer:
        """Answer EnableAlarmActions."""
        self._alarms.enable_actions(self.params["AlarmNames"], enabled=True)
        return None

    @_answering
    def disable_alarm_actions(self) -> Answer:
        """Answer DisableAlarmActions."""
        self._alarms.enable_actions(self.params["AlarmNames"], enabled=False)
        return None

    @_answering
    def set_alarm_state(self) -> Answer:
        """Answer SetAlarmState."""
        name, state, reason = (self.params[name] for name in ("AlarmName", "StateValue", "StateReason"))
        self._alarms.set_state(name, State(state), reason, self.params.get("StateReasonData"))
        return None

    def list_tags_for_resource(self) -> ActionResult:
        """Answer ListTagsForResource."""
        return self._list_alarm_tags() if self._is_of_alarm() else super().list_tags_for_resource()

    def tag_resource(self) -> ActionResult:
        """Answer TagResource."""
        return self._tag_alarm() if self._is_of_alarm() else super().tag_resource()

    def untag_resource(self) -> ActionResult:
        """Answer UntagResource."""
        return self._untag_alarm() if self._is_of_alarm() else super().untag_resource()

    @_answering
    def _list_alarm_tags(self) -> Answer:
        return {"Tags": [{"Key": key, "Value": value} for key, value in self._tagged().tags.items()]}

    @_answering
    def _tag_alarm(self) -> Answer:
        alarm = self._tagged()
        self._alarms.set_tags(alarm.name, {**alarm.tags, **{tag["Key"]: tag["Value"] for tag in self.params["Tags"]}})
        return None

    @_answering
    def _untag_alarm(self) -> Answer:
        alarm, gone = self._tagged(), self.params["TagKeys"]
        self._alarms.set_tags(alarm.name, {key: value for key, value in alarm.tags.items() if key not in gone})
        return None

    def _is_of_alarm(self) -> bool:
        return ":alarm:" in self.params["ResourceARN"]

    def _tagged(self) -> Alarm:
        name = alarm_name(self.params["ResourceARN"])
        if name not in self._alarms.alarms:
            raise TaggedNotFound(f"The alarm {name} does not exist")
        return self._alarms.alarms[name]

    def _arn(self) -> str:
        return make_arn_for_alarm(self.region, self.current_account, self.params["AlarmName"])
