from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.parser import text_string_to_metric_families

from refapp.backends.shipper.counters import Counters


def samples(counters):
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(counters.text().decode())
        for sample in family.samples
    }


def test_every_series_is_there_from_the_start():
    found = samples(Counters())
    for kind in ("application", "dataplane", "host"):
        for name in (
            "fluentbit_input_records_total",
            "fluentbit_input_bytes_total",
            "fluentbit_output_proc_records_total",
            "fluentbit_output_proc_bytes_total",
            "fluentbit_output_errors_total",
            "fluentbit_output_retries_total",
            "fluentbit_output_retried_records_total",
            "refapp_shipper_delay_seconds_count",
        ):
            assert found[name, kind] == 0
        for reason in ("refused", "too_old", "too_new", "expired", "backlog"):
            assert found["fluentbit_output_dropped_records_total", kind, reason] == 0
    assert not [name for name, *_ in found if name.endswith("_created")]


def test_values_that_are_found_out_when_they_are_asked_for():
    counters, values = Counters(), [1, 2]
    counters.tell(GaugeMetricFamily, "a", "A.", lambda: len(values))
    counters.tell(CounterMetricFamily, "b", "B.", lambda: sum(values))
    values.append(3)
    found = samples(counters)
    assert (found["a",], found["b_total",]) == (3, 6)
