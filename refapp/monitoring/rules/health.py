"""Whether everything runs: targets, containers, queues and certificates."""

from refapp.monitoring.rules.groups import Alert, Group, Severity
from refapp.monitoring.rules.thresholds import Thresholds
from refapp.monitoring.scraping import RABBITMQ
from refapp.monitoring.timing import MINUTE, Timing

_WORKLOAD = '{{ $labels.pod | reReplaceAll "-[^-]+-[^-]+$" "" }}'
_CONTAINER = "namespace, pod, container"


def group(timing: Timing, thresholds: Thresholds) -> Group:
    """The alerts on what does not run as it should."""
    return Group(
        name="health",
        rules=(
            _target_down(timing),
            _restart_loop(timing, thresholds),
            _out_of_memory(timing),
            _backlog(timing, thresholds),
            _certificate(timing, thresholds),
        ),
    )


def _target_down(timing: Timing) -> Alert:
    lasting = timing.lasting(MINUTE)
    return Alert(
        name="TargetDown",
        expr="up == 0",
        lasting=lasting,
        severity=Severity.CRITICAL,
        labels={"workload": "{{ with $labels.app }}{{ . }}{{ else }}{{ $labels.job }}{{ end }}"},
        summary="{{ with $labels.pod }}{{ . }}{{ else }}{{ $labels.job }}{{ end }} cannot be scraped",
        description=(
            f"Prometheus has not got metrics from {{{{ $labels.instance }}}} (job {{{{ $labels.job }}}}) for {lasting}."
        ),
        value="down",
        runbook="See on Prometheus' page of targets what the last scrape failed with, and whether the pod is ready.",
    )


def _restart_loop(timing: Timing, thresholds: Thresholds) -> Alert:
    window = timing.window(10 * MINUTE)
    restarts = f"kube_pod_container_status_restarts_total[{window}]"
    return Alert(
        name="ContainerRestartLoop",
        # Not increase(): it extrapolates, so that two restarts may count as three in a short window.
        expr=f"max_over_time({restarts}) - min_over_time({restarts}) >= {thresholds.restarts}",
        severity=Severity.CRITICAL,
        labels={"workload": _WORKLOAD},
        summary="{{ $labels.container }} in {{ $labels.pod }} ends again and again",
        description=f"The container was restarted {{{{ $value }}}} times within {window}.",
        value="{{ $value }} restarts",
        runbook="Read the log of its last run, which tells why it ended; kubectl describe pod shows its exit code.",
    )


def _out_of_memory(timing: Timing) -> Alert:
    window = timing.window(10 * MINUTE)
    killed = 'kube_pod_container_status_last_terminated_reason{reason="OOMKilled"} == 1'
    restarted = f"sum by ({_CONTAINER}) (changes(kube_pod_container_status_restarts_total[{window}])) > 0"
    return Alert(
        name="ContainerOutOfMemory",
        expr=f"({killed}) and on ({_CONTAINER}) ({restarted})",
        severity=Severity.CRITICAL,
        labels={"workload": _WORKLOAD},
        summary="{{ $labels.container }} in {{ $labels.pod }} was killed for want of memory",
        description=f"The container used more memory than its limit within the last {window}, and was restarted.",
        value="OOMKilled",
        runbook="Compare its working set with its limit over the time before; raise the limit, or mend the leak.",
    )


def _backlog(timing: Timing, thresholds: Thresholds) -> Alert:
    lasting = timing.lasting(5 * MINUTE)
    waiting = f'sum by (namespace, queue) (rabbitmq_queue_messages_ready{{job="{RABBITMQ}"}})'
    return Alert(
        name="QueueBacklog",
        expr=f"{waiting} > {thresholds.backlog}",
        lasting=lasting,
        severity=Severity.WARNING,
        labels={"workload": "rabbitmq"},
        summary="Messages wait in {{ $labels.queue }}",
        description=(
            "{{ $value }} messages wait in the queue {{ $labels.queue }}, and more than "
            f"{thresholds.backlog} have for {lasting}."
        ),
        value="{{ $value }} messages",
        runbook="See whether the queue has consumers, and whether their database answers.",
    )


def _certificate(timing: Timing, thresholds: Thresholds) -> Alert:
    left = thresholds.certificate.total_seconds()
    valid_until = 'envoy_cluster_ssl_certificate_expiration_unix_time_seconds{envoy_tls_certificate="certificate"}'
    return Alert(
        name="CertificateExpires",
        expr=f"min by (namespace, app, pod) ({valid_until}) - time() < {left:g}",
        lasting=timing.lasting(MINUTE),
        severity=Severity.WARNING,
        labels={"workload": "{{ $labels.app }}"},
        summary="The certificate of {{ $labels.pod }} was not renewed",
        description=(
            "It is valid for {{ $value | humanizeDuration }}, and ought to have been renewed by half of its life. "
            "When it has expired, no other workload accepts calls from it."
        ),
        value="{{ $value | humanizeDuration }} left",
        runbook="See whether whoever issues certificates runs, and why the sidecar has not taken up a new one.",
    )
