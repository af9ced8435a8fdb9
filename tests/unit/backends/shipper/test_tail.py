import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from refapp.backends.shipper.files import HeldFile
from refapp.backends.shipper.layout import log_files
from refapp.backends.shipper.record import Line, parse, parse_plain
from refapp.backends.shipper.tail import Place, entries
from refapp.deploy.local.containerlog import ContainerLog, Rotation

TIME = "2026-11-23T05:00:00.000000000Z"


def cri(text, *, stream="stdout", tag="F", time=TIME):
    return f"{time} {stream} {tag} {text}\n"


@pytest.fixture
def make(tmp_path):
    """Makes files of a source, numbered from 1."""
    held = []

    def make(*contents):
        held.extend(_held(tmp_path, number, content) for number, content in enumerate(contents, len(held) + 1))
        return list(held)

    yield make
    for file in held:
        file.release()


def _held(directory, number, content):
    path = directory / f"{number}"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return HeldFile(number, path)


def texts(found):
    return [entry.line.text.decode() for entry in found]


def places(found):
    return [entry.place[:2] for entry in found]


def test_lines_and_the_places_behind_them(make):
    files = make(cri("one") + cri("two"))
    found = list(entries(files, Place(1), parse))
    length = len(cri("one"))
    assert [entry.line for entry in found] == [Line(TIME, "stdout", "F", b"one"), Line(TIME, "stdout", "F", b"two")]
    assert places(found) == [(1, length), (1, 2 * length)]


def test_reading_goes_on_from_any_place_in_any_file(make):
    files = make(cri("one") + cri("two"), "", cri("three"), cri("four") + cri("five"))
    found = list(entries(files, Place(1), parse))
    assert texts(found) == ["one", "two", "three", "four", "five"]
    for read, entry in enumerate(found, 1):
        assert list(entries(files, entry.place, parse)) == found[read:]


def test_a_line_that_is_still_being_written_waits(make):
    files = make(cri("one") + cri("two")[:-3])
    assert texts(entries(files, Place(1), parse)) == ["one"]
    assert texts(entries(files, Place(1), parse, finished=True)) == ["one", "t"]


def test_a_last_line_without_an_end_is_read_once(make):
    files = make(cri("one")[:-1])
    (entry,) = entries(files, Place(1), parse, finished=True)
    assert list(entries(files, entry.place, parse, finished=True)) == []
    files = make(cri("two"))
    assert texts(entries(files, entry.place, parse)) == ["two"]


def test_parts_are_joined_across_files_and_streams(make):
    files = make(
        cri("he", tag="P", time="T1") + cri("err", stream="stderr") + cri("ll", tag="P"),
        cri("a ", stream="stderr", tag="P", time="T2"),
        cri("o") + cri("part", stream="stderr"),
    )
    found = list(entries(files, Place(1), parse))
    assert [entry.line for entry in found] == [
        Line(TIME, "stderr", "F", b"err"),
        Line("T1", "stdout", "F", b"hello"),
        Line("T2", "stderr", "F", b"a part"),
    ]
    for read, entry in enumerate(found, 1):
        assert list(entries(files, entry.place, parse)) == found[read:]


def test_characters_that_are_cut_between_parts_are_whole_again(make):
    start, end = "é".encode()[:1], "é".encode()[1:]
    files = make(f"{TIME} stdout P ".encode() + start + f"\n{TIME} stdout F ".encode() + end + b"\n")
    assert texts(entries(files, Place(1), parse)) == ["é"]


def test_parts_whose_rest_never_comes(make):
    files = make(cri("begun", tag="P") + cri("too", stream="stderr", tag="P"))
    assert list(entries(files, Place(1), parse)) == []
    found = list(entries(files, Place(1), parse, finished=True))
    assert [(entry.line.tag, entry.line.text) for entry in found] == [("P", b"begun"), ("P", b"too")]
    assert texts(entries(files, found[0].place, parse, finished=True)) == ["too"]
    assert texts(entries(files, found[1].place, parse, finished=True)) == []


def test_a_line_without_end_comes_in_pieces_that_fit(make):
    part = cri("\x01" * 16384, tag="P")
    found = list(entries(make(part * 40 + cri("end")), Place(1), parse))
    assert "".join(texts(found)) == "\x01" * 16384 * 40 + "end"
    assert [entry.line.tag for entry in found] == ["P"] * (len(found) - 1) + ["F"]
    assert max(len(entry.line.text) for entry in found) * 6 < 1_000_000
    assert len(found) < 8


@pytest.mark.parametrize("size", [1, 100, 256 * 1024, 300_000])
def test_lines_longer_than_what_is_read_at_once(make, size):
    text = "x" * size
    assert texts(entries(make(cri(text) + cri("y")), Place(1), parse)) == [text, "y"]


def test_a_line_that_never_ends(make):
    content = b"x" * 20_000_000
    found = list(entries(make(content), Place(1), parse_plain))
    assert len(found) == 2
    assert b"".join(entry.line.text for entry in found) == content[: found[-1].place.offset]
    assert list(entries(make(), found[0].place, parse_plain)) == found[1:]


def test_a_file_that_was_truncated_is_read_anew(make, tmp_path):
    files = make(cri("one") + cri("two"))
    place = list(entries(files, Place(1), parse))[-1].place
    (tmp_path / "1").write_text(cri("new"))
    assert texts(entries(files, place, parse)) == ["new"]
    (tmp_path / "1").write_text("")
    assert texts(entries(files, place, parse)) == []


@pytest.mark.parametrize("longer", [0, 1, 40])
def test_a_file_that_is_as_long_again_after_it_was_truncated(make, tmp_path, longer):
    files = make(cri("one", time="T1") + cri("two", time="T2"))
    place = list(entries(files, Place(1), parse))[-1].place
    (tmp_path / "1").write_text(cri("one", time="T3") + cri("two" + "x" * longer, time="T4"))
    assert texts(entries(files, place, parse)) == ["one", "two" + "x" * longer]


def test_parts_before_a_truncation_are_not_lost(make, tmp_path):
    files = make(cri("begun", tag="P") + cri("err", stream="stderr"))
    (entry,) = entries(files, Place(1), parse)
    (tmp_path / "1").write_text(cri("new"))
    found = list(entries(files, entry.place, parse))
    assert [(one.line.tag, one.line.text) for one in found] == [("P", b"begun"), ("F", b"new")]
    assert texts(entries(files, found[0].place, parse)) == ["new"]


def test_a_file_that_cannot_be_read(make):
    files = make("")
    os.close(files[0]._descriptor)
    try:
        with pytest.raises(OSError, match="Bad file descriptor"):
            list(entries(files, Place(1), parse))
    finally:
        files[0]._descriptor = os.open(os.devnull, os.O_RDONLY)


WRITES = st.lists(
    st.tuples(st.sampled_from(["stdout", "stderr"]), st.binary(max_size=60) | st.just(b"x" * 20_000 + b"\n")),
    max_size=30,
)


@settings(max_examples=50, deadline=None)
@given(WRITES, st.integers(100, 30_000), st.data())
def test_whatever_is_written_is_read_once_wherever_it_is_interrupted(tmp_path_factory, writes, size, data):
    log = ContainerLog(tmp_path_factory.mktemp("tail") / "0.log", Rotation(size=size, files=1000))
    written = {"stdout": b"", "stderr": b""}
    for stream, text in writes:
        log.write(stream, text)
        written[stream] += text
    log.close()
    files = [HeldFile(number, file.path) for number, file in enumerate(log_files(log.path.parent), 1)]
    place, found = Place(1), []
    while rest := list(entries(files, place, parse, finished=True)):
        taken = rest[: data.draw(st.integers(1, len(rest)))]
        found += taken
        place = taken[-1].place
    for file in files:
        file.release()
    for stream, text in written.items():
        lines = [entry.line.text for entry in found if entry.line.stream == stream]
        assert lines == (text if text.endswith(b"\n") or not text else text + b"\n").split(b"\n")[:-1]
