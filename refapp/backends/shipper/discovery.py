"""Finds the sources that there are, and opens a stream for each, where the one of the process before has ended."""

import time
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from refapp.backends.containers.inventory import Inventory, InventoryFile
from refapp.backends.shipper.checkpoints import Checkpoint
from refapp.backends.shipper.files import Shelf
from refapp.backends.shipper.origins import Node, Origin, find_pod
from refapp.backends.shipper.settings import ShipperSettings
from refapp.backends.shipper.sources import ContainerSource, Extent, FileSource, PodLogs, Source
from refapp.backends.shipper.stream import Services, Stream
from refapp.backends.shipper.tail import Place

# Seconds that a pod has to appear in the inventory; after that its path tells enough.
_PATIENCE = 1.0


class Discovery:
    """Knows the sources of a node.

    A pod is looked up in the inventory once: its lines go to one log stream from the first to the last.
    """

    def __init__(self, settings: ShipperSettings, services: Services) -> None:
        self._services = services
        self._node = Node(name=settings.node, namespace=settings.namespace, labels=settings.labels)
        self._inventory = InventoryFile(settings.inventory) if settings.inventory else None
        self._known = services.checkpoints.load()
        self._pods = PodLogs(settings.logs, Shelf(settings.state / "kept"))
        self._files = self._plain_files(settings)
        self._opened: set[str] = set()
        self._doubtful: set[str] | None = None
        self._found_at: dict[str, float] = {}

    @property
    def gaps(self) -> int:
        """How often files may have come and gone unseen."""
        return self._pods.gaps

    @property
    def whole(self) -> bool:
        """Whether the last look has taken up all files of containers that it has found."""
        return self._pods.whole

    def extents(self) -> dict[str, Extent]:
        """How far the files of each source go that is not forgotten, by its key."""
        return {source.key: source.extent() for source in self._all() if source.files}

    def look(self, *, last: bool = False) -> list[Stream]:
        """See what has changed; the streams of sources that are new.

        A pod that the inventory does not know yet is waited for, unless this look may be the last one.
        """
        self._pods.look()
        for source, _ in self._files:
            source.look()
        if self._doubtful is None:
            self._begin()
        since = time.monotonic() - (0 if last else _PATIENCE)
        opened = [stream for source in self._pods.sources.values() if (stream := self._open_container(source, since))]
        return opened + [self._open(*pair) for pair in self._files if pair[0].files and self._is_new(pair[0])]

    def forget(self, stream: Stream) -> None:
        """Forget a stream whose source is gone and shipped."""
        if isinstance(stream.source, ContainerSource):
            self._pods.forget(stream.source)
        self._services.checkpoints.forget(stream.source.key)
        self._opened.discard(stream.source.key)
        self._found_at.pop(stream.source.key, None)

    def _begin(self) -> None:
        """After an unclean end all that was there may have been sent on behind its checkpoint."""
        present = {source.key for source in self._all()}
        self._doubtful = set() if self._services.checkpoints.was_clean else present
        for gone in self._known.keys() - present:
            self._services.checkpoints.forget(gone)

    def _all(self) -> Iterable[Source]:
        return [*self._pods.sources.values(), *(source for source, _ in self._files)]

    def _plain_files(self, settings: ShipperSettings) -> list[tuple[FileSource, Origin]]:
        units = [(self._plain_file(path), self._node.unit(name)) for name, path in settings.units.items()]
        # As with AWS's configuration, what the host has written before is not shipped.
        host = [(self._plain_file(path, from_end=True), self._node.host_file(path)) for path in settings.host_files]
        return units + host

    def _plain_file(self, path: Path, *, from_end: bool = False) -> FileSource:
        if known := self._known.get(str(path)):
            return FileSource(path, number=known[1].place.file, inode=known[1].inode)
        return FileSource(path, from_end=from_end)

    def _is_new(self, source: Source) -> bool:
        return source.key not in self._opened

    def _open_container(self, source: ContainerSource, since: float) -> Stream | None:
        if not self._is_new(source):
            return None
        known = self._known.get(source.key)
        origin = known[0] if known else self._origin(source, since)
        return self._open(source, origin) if origin else None

    def _origin(self, source: ContainerSource, since: float) -> Origin | None:
        """What is known of a container; None while it was found after that time, and more may become known."""
        inventory = self._inventory.current() if self._inventory else Inventory()
        waits = self._found_at.setdefault(source.key, time.monotonic()) > since
        if self._inventory and waits and not find_pod(source.run.directory, inventory):
            return None
        return self._node.container(source.run, inventory)

    def _open(self, source: Source, origin: Origin) -> Stream:
        self._opened.add(source.key)
        first = source.files[0]
        known = self._known.pop(source.key, None)
        start = Place(first.number, source.start, begin=source.start)
        checkpoint = known[1] if known else Checkpoint(place=start, inode=first.inode)
        if source.key in (self._doubtful or ()):
            checkpoint = replace(checkpoint, sure=False)
        return Stream(source, origin, checkpoint, self._services)
