"""The DuckDB file below the event store: bounded, written by one thread at a time, opened again after a fatal error.

DuckDB makes a commit durable in a log beside the file, and moves what the log holds into the file at a checkpoint. Its
own checkpoints are switched off: one that fails, for example on a full disk, makes DuckDB report an error for a commit
that is durable. Here a checkpoint follows a commit as a step of its own.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import ClassVar

import duckdb

MIB = 1024**2
_LOG = 64 * MIB  # so much is written before a checkpoint; one takes a second then, in which writers wait
_TEMPORARY = 4 * 1024 * MIB  # of disk, for what a query sorts or groups beyond its memory


class StoreError(Exception):
    """The store cannot do what it was asked for; the text names the file and the reason."""


class Interrupted(StoreError):  # noqa: N818 - what happened is no error
    """A statement was ended by `interrupt` of its connection."""


class Database:
    """A DuckDB file; safe to be used by many threads. Readers do not wait for writers."""

    # DuckDB refuses a file that another process has open, but not one that this process has.
    _open: ClassVar[set[Path]] = set()
    _opening: ClassVar[threading.Lock] = threading.Lock()

    def __init__(self, path: Path, schema: str, memory: int) -> None:
        """Open the file, or make it; `memory` bounds DuckDB's buffers, in bytes.

        Raises:
            StoreError: it cannot be opened, is open elsewhere, or holds something else.
        """
        self._path = path.resolve()
        self._log = Path(f"{self._path}.wal")
        self._schema, self._memory = schema, memory
        self._writing = threading.Lock()
        self._swapping = threading.Lock()
        self._broken = False
        with self._opening:
            if self._path in self._open:
                raise StoreError(f"{self._path}: is open already in this process")
            self._connection = self._connect()
            self._open.add(self._path)

    def close(self) -> None:
        """Close the file, after what is being written; statements that still read are ended by an error."""
        with self._writing, self._swapping, self._opening:
            self._connection.close()
            self._open.discard(self._path)

    @contextmanager
    def cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection of its own, for one thread.

        Raises:
            StoreError: a statement failed; `Interrupted`, it was interrupted.
        """
        with self.errors(), self.connect() as connection:
            yield connection

    def connect(self) -> duckdb.DuckDBPyConnection:
        """A connection of its own, for one thread, which has to be closed.

        Raises:
            StoreError: the file cannot be opened again after a fatal error.
        """
        return self._current().cursor()

    @contextmanager
    def errors(self) -> Iterator[None]:
        """Make DuckDB's errors StoreErrors."""
        try:
            yield
        except duckdb.InterruptException as error:
            raise Interrupted(f"{self._path}: {error}") from None
        except duckdb.Error as error:
            self._broken = self._broken or isinstance(error, duckdb.FatalException)
            raise StoreError(f"{self._path}: {error}") from error

    @contextmanager
    def transaction(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Write everything of the block, durably, or nothing.

        Raises:
            StoreError: it could not be written.
        """
        with self._writing:
            with self.errors():
                connection = self._current()
                connection.begin()
                try:
                    yield connection
                    connection.commit()
                except BaseException:
                    with suppress(duckdb.Error):  # a commit that failed has ended the transaction
                        connection.rollback()
                    raise
            self._checkpoint(connection)

    def on_disk(self) -> int:
        """The bytes of the file and of its log; of what was deleted some may be among them."""
        return sum(path.stat().st_size for path in (self._path, self._log) if path.exists())

    def size(self) -> int:
        """The bytes that the file needs for what there is, without what was deleted.

        Raises:
            StoreError: it cannot be told.
        """
        with self._writing, self.cursor() as cursor:
            self._move(cursor)
            ((block, used),) = cursor.execute("SELECT block_size, used_blocks FROM pragma_database_size()").fetchall()
        return int(block * used)

    def _checkpoint(self, connection: duckdb.DuckDBPyConnection) -> None:
        if not self._log.exists() or self._log.stat().st_size < _LOG:
            return
        with suppress(duckdb.Error):  # what was committed is in the log, and is found there whatever happens here
            self._move(connection)

    def _move(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Move what is in the log into the file."""
        try:
            connection.execute("CHECKPOINT")
        except duckdb.Error:
            self._broken = True
            raise

    def _current(self) -> duckdb.DuckDBPyConnection:
        with self._swapping:
            if self._broken:
                self._connection.close()
                self._connection = self._connect()
                self._broken = False
            return self._connection

    def _connect(self) -> duckdb.DuckDBPyConnection:
        config: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": f"{self._memory // MIB}MiB",
            "max_temp_directory_size": f"{_TEMPORARY // MIB}MiB",
            "wal_autocheckpoint": "1TB",
            # No columns for each field at a checkpoint: see `columns`.
            "variant_minimum_shredding_size": -1,
            # A division by zero is null, as in Logs Insights; what has no result in numbers is an error, not NaN.
            "error_on_division_by_zero": False,
            "ieee_floating_point_ops": False,
            # Nothing outside this file is ever asked for.
            "enable_external_access": False,
            "autoload_known_extensions": False,
            "autoinstall_known_extensions": False,
            "python_enable_replacements": False,
            "lock_configuration": True,
        }
        try:
            connection = duckdb.connect(str(self._path), config=config)
        except duckdb.Error as error:
            raise StoreError(f"{self._path}: {error}; name another file, or remove this one") from None
        try:
            connection.execute(f"BEGIN; {self._schema}; COMMIT")
        except duckdb.Error as error:
            connection.close()
            raise StoreError(f"{self._path}: {error}; name another file, or remove this one") from None
        return connection
