from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from refapp.pb.greeting.v3 import greeting_pb2
from refapp.services.headers import PROPAGATED, ids, propagated

names = st.sampled_from(PROPAGATED).flatmap(lambda name: st.sampled_from((name, name.upper(), name.title())))
others = st.text(alphabet="abcxyz-", min_size=1).filter(lambda name: name not in PROPAGATED)
printable = st.text(alphabet=st.characters(min_codepoint=0x20, max_codepoint=0x7E))
values = st.one_of(printable, printable.map(str.encode), st.text(), st.binary())
items = st.lists(st.tuples(st.one_of(names, others), values))


def test_the_seven():
    assert len(PROPAGATED) == 7
    assert all(name == name.lower() for name in PROPAGATED)


def test_present_ones_in_order_with_lower_case_names():
    assert propagated(
        [
            ("X-B3-TraceId", "463ac35c9f6413ad"),
            ("Accept", "*/*"),
            ("x-b3-sampled", b"1"),
            ("X-REQUEST-ID", " 7 "),
            ("x-b3-flags", ""),
        ]
    ) == (("x-request-id", "7"), ("x-b3-traceid", "463ac35c9f6413ad"), ("x-b3-sampled", "1"))


def test_first_value_counts():
    assert propagated([("x-b3-flags", ""), ("x-b3-flags", "1"), ("X-B3-Flags", "2")]) == (("x-b3-flags", "1"),)


def test_values_that_metadata_cannot_carry_are_left_out():
    broken = ["é", "a\nb", "a\x00", "\x7f", "\N{ARABIC-INDIC DIGIT ONE}", b"\xff", "a\tb", "\N{NO-BREAK SPACE}"]
    assert [propagated([("x-request-id", value)]) for value in broken] == [()] * len(broken)


@given(items)
def test_only_the_seven_once_each_with_a_value(pairs):
    out = propagated(pairs)
    found = [name for name, _ in out]
    assert found == [name for name in PROPAGATED if name in found]
    assert all(value and all(" " <= character <= "~" for character in value) for _, value in out)


@given(items)
def test_passing_on_what_was_passed_on_changes_nothing(pairs):
    assert propagated(propagated(pairs)) == propagated(pairs)


@given(st.dictionaries(st.sampled_from(PROPAGATED), printable.map(str.strip).filter(bool)), items)
def test_nothing_that_is_present_gets_lost(present, noise):
    mixed = [*((name.upper(), value) for name, value in present.items()), *noise]
    assert present.items() <= dict(propagated(mixed)).items()


metadata = st.lists(
    st.tuples(
        st.one_of(st.sampled_from(PROPAGATED), st.from_regex(r"x-[a-z0-9_.]{1,9}", fullmatch=True)),
        printable,
    )
)


@given(sent=metadata)
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_a_service_passes_on_exactly_those_present_with_a_value(service, callee, sent):
    seen = []

    async def greet(_request, context):
        seen.append([(name, value) for name, value in context.invocation_metadata() if name in PROPAGATED])
        return greeting_pb2.GreetingResponse()

    call = await service(await callee(greet))
    await call(greeting_pb2.GreetingRequest(), metadata=tuple(sent), timeout=30)
    expected = {}
    for name, value in sent:
        if name in PROPAGATED and value.strip():
            expected.setdefault(name, value.strip())
    assert sorted(seen[0]) == sorted(expected.items())


def test_ids_are_those_by_which_log_lines_are_found():
    headers = propagated([("x-request-id", "r"), ("x-b3-traceid", "t"), ("x-b3-sampled", "1")])
    assert ids(headers) == {"request_id": "r", "trace_id": "t"}
    assert ids(()) == {}
