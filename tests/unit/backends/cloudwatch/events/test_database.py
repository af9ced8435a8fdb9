import subprocess
import sys
import textwrap
import threading

import duckdb
import pytest

from refapp.backends.cloudwatch.events import database as module
from refapp.backends.cloudwatch.events.database import MIB, Database, Interrupted, StoreError

SCHEMA = "CREATE TABLE IF NOT EXISTS numbers (number BIGINT, text VARCHAR)"


@pytest.fixture
def database(path):
    opened = Database(path, SCHEMA, 64 * MIB)
    yield opened
    opened.close()


def count(database):
    with database.cursor() as cursor:
        return cursor.execute("SELECT count(*), count(DISTINCT number) FROM numbers").fetchone()


def insert(database, *numbers, text="x"):
    with database.transaction() as connection:
        for number in numbers:
            connection.execute("INSERT INTO numbers VALUES (?, ?)", [number, text])


def run(code, *arguments):
    """Run a program in a process of its own; what it printed."""
    command = [sys.executable, "-c", textwrap.dedent(code), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_a_transaction_that_fails_writes_nothing(database):
    insert(database, 1)
    with pytest.raises(StoreError, match=r"events\.db: .*Conversion"):
        insert(database, 2, "no number")
    with pytest.raises(ZeroDivisionError):
        insert(database, *(3 // (3 - number) for number in (1, 2, 3)))
    assert count(database) == (1, 1)
    insert(database, 4)
    assert count(database) == (2, 2)


def test_an_interrupted_statement(database):
    started, cursors, errors = threading.Event(), [], []

    def count_for_long():
        try:
            with database.cursor() as cursor:
                cursors.append(cursor)
                started.set()
                cursor.execute(
                    "SELECT count(*) FROM range(1000000) a, range(1000000) b WHERE a.range * b.range % 7 = 3"
                )
        except StoreError as error:
            errors.append(error)

    thread = threading.Thread(target=count_for_long)
    thread.start()
    started.wait()
    while thread.is_alive():
        cursors[0].interrupt()
        thread.join(0.01)
    assert [type(error) for error in errors] == [Interrupted]
    insert(database, 1)
    assert count(database) == (1, 1)


def test_nothing_outside_the_file_can_be_reached(database, tmp_path):
    outside = tmp_path / "outside.csv"
    outside.write_text("a\n1\n")
    numbers_of_python = [1, 2]
    for statement in (
        f"SELECT * FROM read_csv('{outside}')",
        f"COPY numbers TO '{tmp_path}/copy.csv'",
        f"ATTACH '{tmp_path}/other.db'",
        "INSTALL httpfs",
        "SET enable_external_access = true",
        "SELECT * FROM numbers_of_python",
    ):
        with pytest.raises(StoreError), database.cursor() as cursor:
            cursor.execute(statement)
    assert numbers_of_python
    assert not (tmp_path / "copy.csv").exists()


def test_a_checkpoint_keeps_the_log_short(database, monkeypatch):
    monkeypatch.setattr(module, "_LOG", MIB)
    for number in range(8):
        insert(database, number, text="x" * MIB)
        assert not database._log.exists() or database._log.stat().st_size < MIB
    assert count(database) == (8, 8)


def test_a_file_that_is_open(database, path):
    with pytest.raises(StoreError, match=r"events\.db: is open already in this process"):
        Database(path.parent / "." / path.name, SCHEMA, MIB)
    code = """
        import sys
        from pathlib import Path
        from refapp.backends.cloudwatch.events.database import Database, StoreError
        try:
            Database(Path(sys.argv[1]), "SELECT 1", 2**26)
        except StoreError as error:
            print(error)
    """
    assert "events.db: IO Error: Could not set lock on file" in run(code, path).stdout
    database.close()
    assert run(code, path).stdout == ""


def test_files_that_are_no_store(tmp_path):
    text = tmp_path / "text"
    text.write_text("This is no database, and it is long enough to be one." * 1000)
    with pytest.raises(StoreError, match=r"text: .*not a valid DuckDB database file.*; name another file"):
        Database(text, SCHEMA, MIB)
    with pytest.raises(StoreError, match=r"Cannot open file|No such file"):
        Database(tmp_path / "none" / "events.db", SCHEMA, MIB)
    other = tmp_path / "other"
    with duckdb.connect(str(other)) as connection:
        connection.execute("CREATE TABLE numbers (name VARCHAR)")
    with pytest.raises(StoreError, match="number"):
        Database(other, SCHEMA + "; SELECT number FROM numbers LIMIT 0", MIB)


# Files may not grow in this process, as on a full disk, while the block of `full` runs.
FULL_DISK = """
    import resource, signal, sys
    from contextlib import contextmanager
    from pathlib import Path
    from refapp.backends.cloudwatch.events import database as module
    from refapp.backends.cloudwatch.events.database import MIB, Database, StoreError

    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

    @contextmanager
    def full(size):
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))

    def insert(number):
        with database.transaction() as connection:
            texts = "SELECT ?, repeat(md5(range::VARCHAR), 100) FROM range(320)"
            connection.execute(f"INSERT INTO numbers {texts}", [number])

    def numbers():
        with database.cursor() as cursor:
            return [row[0] for row in cursor.execute("SELECT DISTINCT number FROM numbers ORDER BY 1").fetchall()]

    path = Path(sys.argv[1])
    database = Database(path, "CREATE TABLE IF NOT EXISTS numbers (number BIGINT, text VARCHAR)", 64 * MIB)
"""


def test_a_full_disk(path):
    code = textwrap.dedent(FULL_DISK) + textwrap.dedent("""
        insert(1)
        with full(3 * MIB):
            for number in (2, 3, 4, 5):
                try:
                    insert(number)
                except StoreError as error:
                    print(error)
                    failed = number
                    break
            print(numbers() == list(range(1, failed)))
        insert(6)
        print(numbers() == [*range(1, failed), 6])
        database.close()
    """)
    result = run(code, path)
    assert result.stderr == ""
    message, *rest = result.stdout.split("\n")
    assert "Could not write file" in message
    assert rest == ["True", "True", ""]


def test_a_disk_that_is_full_when_a_checkpoint_is_due(path):
    code = textwrap.dedent(FULL_DISK) + textwrap.dedent("""
        for number in (1, 2):
            insert(number)
        module._LOG = MIB
        with full(path.stat().st_size + 65536), database.cursor() as reading:
            try:
                database._checkpoint(database._connection)  # as after a commit
            finally:
                print(database._broken, numbers())
        insert(3)
        print(database._broken, numbers(), database._log.exists())
        database.close()
    """)
    result = run(code, path)
    assert result.stderr == ""
    assert result.stdout == "True [1, 2]\nFalse [1, 2, 3] False\n"
