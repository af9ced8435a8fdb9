from dataclasses import replace

from refapp.draw.tracing.span import span_detail
from refapp.query.tracing.spans import Link, Trace


def detail(trace, place):
    return span_detail(trace, trace.spans[place])


def test_the_heading_has_service_duration_and_start(reference, written):
    texts = written(detail(reference, 3))
    assert texts["operation"] == "service-a.dev.svc.cluster.local/*"
    assert texts["Service"] == "service-a.dev"
    assert texts["Duration"] == "5.9 ms"
    assert texts["Start Time"] == "1.32 ms (03:04:05.001 UTC)"
    assert texts["span id"] == "SpanID: 0000000000000004"


def test_every_tag_is_shown_and_the_kind_as_one(reference, written):
    texts = written(detail(reference, 3))
    assert texts["tag http.method"] == "POST"
    assert texts["tag span.kind"] == "server"
    shown = {gid.removeprefix("tag ").partition(" ")[0] for gid in texts if gid.startswith("tag ")}
    assert shown == {*reference.spans[3].tags, "span.kind"}


def test_a_long_value_is_continued_on_the_next_line(reference, written):
    texts = written(detail(reference, 3))
    assert texts["tag http.url 1"] + texts["tag http.url 2"] == reference.spans[3].tags["http.url"]


def test_the_other_side_is_a_tag_unless_the_span_has_it(messages, written):
    assert written(detail(messages, 3))["tag peer.service"] == "mongodb.dev"
    span = replace(messages.spans[3], tags={"peer.service": "mongo", "span.kind": "internal"})
    texts = written(span_detail(messages, span))
    assert (texts["tag peer.service"], texts["tag span.kind"]) == ("mongo", "internal")


def test_events_are_in_the_order_of_their_times_after_the_start_of_the_trace(messages, written):
    figure = detail(messages, 1)
    texts = written(figure)
    assert (texts["event 1"], texts["event 2"]) == ("serialized", "confirmed by the broker")
    assert {"300 µs", "940 µs"} <= {text.get_text() for text in figure.axes[0].texts}


def test_links_name_the_span_they_lead_to(messages, written):
    assert written(detail(messages, 2))["link 1"] == "service-d.dev: service-d.greeting publish"
    span = replace(messages.spans[2], links=(Link(trace_id="1", span_id="2"),))
    assert written(span_detail(messages, span))["link 1"] == "in another trace"


def test_an_error_has_its_sign(failed, parts):
    for span in failed.spans:
        assert ("error" in parts(span_detail(failed, span))) == span.error


def test_what_is_not_there_has_no_table(single, written):
    texts = written(detail(single, 0))
    assert not [gid for gid in texts if gid.startswith(("event", "link"))]


def test_every_span_is_readable(any_trace, flaws):
    for span in any_trace.spans[:4]:
        assert flaws(span_detail(any_trace, span)) == []


def test_long_keys_are_readable(single, flaws):
    tags = {"k" * 70: "v" * 200, "a.b": "", "words": "and " * 60}
    span = replace(single.spans[0], tags=tags, service="s" * 90, operation="o" * 90)
    assert flaws(span_detail(Trace("1", (span,)), span)) == []
