"""The log groups of this package as moto sees them, as an amendment: groups and events are kept here alone.

moto's subscription filters, and whatever of moto writes log events, look for groups in `LogsBackend.groups`.
"""

from collections.abc import Iterator, MutableMapping
from typing import Any

from moto.logs import exceptions, models

from refapp.backends.cloudwatch.errors import ResourceAlreadyExists
from refapp.backends.cloudwatch.logs.catalogue import Group
from refapp.backends.cloudwatch.logs.operations import run
from refapp.backends.cloudwatch.logs.regions import Region, Regions, now


def amend(regions: Regions) -> None:
    """Give each of moto's backends of logs the groups of its region."""
    backend: Any = models.LogsBackend
    create = backend.__init__

    def created(self: Any, region_name: str, account_id: str) -> None:
        create(self, region_name, account_id)
        self.groups = Groups(regions, region_name, account_id)

    backend.__init__ = created


class MotoGroup(models.LogGroup):
    """A log group for moto: it keeps subscription filters, and hands on streams and events."""

    def __init__(self, region: Region, account: str, group: Group) -> None:
        super().__init__(account, region.name, group.name, RetentionInDays=group.retention)
        self.created = group.created
        self._region = region

    def create_log_stream(self, log_stream_name: str) -> None:
        """Make a stream."""
        try:
            self._region.catalogue.create_stream(self.name, log_stream_name, now())
        except ResourceAlreadyExists:
            raise exceptions.ResourceAlreadyExistsException from None

    def put_log_events(self, log_stream_name: str, log_events: list[dict[str, Any]]) -> str:
        """Keep events."""
        members = {"logGroupName": self.name, "logStreamName": log_stream_name, "logEvents": log_events}
        return str(run(self._region, "PutLogEvents", members)["nextSequenceToken"])


class Groups(MutableMapping[str, models.LogGroup]):
    """The groups of a region by their names; moto makes backends of regions that nobody uses."""

    def __init__(self, regions: Regions, region: str, account: str) -> None:
        self._regions, self._region, self._account = regions, region, account
        self._groups: dict[str, MotoGroup] = {}

    def __getitem__(self, name: str) -> MotoGroup:
        region = self._regions.known(self._region)
        if region is None or not region.catalogue.has_group(name):
            self._groups.pop(name, None)
            raise KeyError(name)
        group, known = region.catalogue.group(name), self._groups.get(name)
        if known is None or known.created != group.created:
            known = MotoGroup(region, self._account, group)  # type: ignore[abstract]  # moto's own is, too
            self._groups[name] = known
        return known

    def __setitem__(self, name: str, group: models.LogGroup) -> None:
        region = self._regions.get(self._region)
        region.catalogue.create_group(Group(name=name, created=now(), retention=group.retention_in_days))

    def __delitem__(self, name: str) -> None:
        self[name]  # moto expects a KeyError
        run(self._regions.get(self._region), "DeleteLogGroup", {"logGroupName": name})

    def __iter__(self) -> Iterator[str]:
        region = self._regions.known(self._region)
        return iter([group.name for group in region.catalogue.groups()] if region else [])

    def __len__(self) -> int:
        return len(list(iter(self)))
