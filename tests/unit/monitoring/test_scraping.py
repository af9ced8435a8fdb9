import json
import re
import threading

import pytest
import yaml

from refapp.mesh import Address, Edge, Pod
from refapp.monitoring import scraping
from refapp.monitoring.timing import LOCAL, SECOND, Timing
from refapp.topology import NAMESPACE


def address(port):
    return Address("127.0.0.1", port)


def pod(name, metrics):
    workload = name.rsplit("-", 2)[0]
    return Pod(name=name, workload=workload, application=address(1), inbound=address(2), metrics=address(metrics))


def stored(directory, job):
    return json.loads(scraping.targets_file(directory, job).read_text())


@pytest.mark.parametrize("timing", [Timing(), LOCAL, Timing(interval=60 * SECOND)])
@pytest.mark.parametrize("alertmanager", [None, address(9093)])
def test_promtool_accepts_it(timing, alertmanager, tmp_path, program):
    (tmp_path / "prometheus.yml").write_text(scraping.configuration(timing, alertmanager))
    for job in scraping.JOBS:
        scraping.write_targets(tmp_path, job, [scraping.Target(address(1), {"app": "x"})])
    assert "SUCCESS" in program("promtool", "check", "config", tmp_path / "prometheus.yml")


def test_one_interval_is_all_that_matters():
    settings = yaml.safe_load(scraping.configuration(LOCAL))["global"]
    assert (settings["scrape_interval"], settings["evaluation_interval"], settings["scrape_timeout"]) == ("2s",) * 3
    assert yaml.safe_load(scraping.configuration(Timing()))["global"]["scrape_timeout"] == "10s"


def test_jobs_and_where_they_find_their_targets():
    configs = {config["job_name"]: config for config in yaml.safe_load(scraping.configuration(LOCAL))["scrape_configs"]}
    assert {name: config["metrics_path"] for name, config in configs.items()} == {
        "kubernetes-pods": "/stats/prometheus",
        "applications": "/metrics",
        "kubernetes-nodes-cadvisor": "/metrics/cadvisor",
        "kubernetes-nodes": "/metrics",
        "kube-state-metrics": "/metrics/state",
        "rabbitmq": "/metrics/per-object",
        "prometheus": "/metrics",
        "alertmanager": "/metrics",
    }
    (discovery,) = {str(config["file_sd_configs"]) for config in configs.values()}  # one, so one inotify instance
    assert discovery == str([{"files": ["targets/*.json"]}])
    for name, config in configs.items():
        (rule,) = config["relabel_configs"]
        assert (rule["source_labels"], rule["action"]) == (["__meta_filepath"], "keep")
        files = [f"/some/where/targets/{job}.json" for job in (*configs, f"other-{name}")]
        kept = [file for file in files if re.fullmatch(rule["regex"], file)]
        assert kept == [f"/some/where/targets/{name}.json"]
    assert [name for name, config in configs.items() if config.get("honor_labels")] == ["kube-state-metrics"]
    seldom = {name: config["scrape_interval"] for name, config in configs.items() if "scrape_interval" in config}
    assert seldom == {"prometheus": "16s", "alertmanager": "16s"}
    assert [name for name, config in configs.items() if "metric_relabel_configs" in config] == ["kubernetes-pods"]


def test_pods_and_the_edge(tmp_path):
    targets = scraping.pods(
        [pod("service-a-x-y", 1501)], Edge(public=address(80), metrics=address(1502), name="in-x-y")
    )
    scraping.write_targets(tmp_path, scraping.PODS, targets)
    common = {"version": "v1", "node": "ip-127-0-0-1"}
    assert stored(tmp_path, scraping.PODS) == [
        {
            "targets": ["127.0.0.1:1501"],
            "labels": {"namespace": NAMESPACE, "pod": "service-a-x-y", "app": "service-a"} | common,
        },
        {
            "targets": ["127.0.0.1:1502"],
            "labels": {"namespace": "istio-system", "pod": "in-x-y", "app": "istio-ingressgateway"} | common,
        },
    ]


def test_the_node_and_the_broker():
    (node,), (broker,) = scraping.node(address(1)), scraping.broker(address(2))
    assert node.labels == {
        "instance": "ip-127-0-0-1",
        "stack": "reference-app",
        "alpha_eksctl_io_cluster_name": "istio-observe-demo",
        "alpha_eksctl_io_nodegroup_name": "managed-ng-1",
        "kubernetes_io_hostname": "ip-127-0-0-1",
    }
    assert broker == scraping.Target(address(2), {"namespace": "dev", "app": "rabbitmq"})


def test_a_job_that_is_none(tmp_path):
    with pytest.raises(KeyError, match="nobody"):
        scraping.write_targets(tmp_path, "nobody", [])
    assert list(tmp_path.iterdir()) == []


def test_targets_are_replaced_as_a_whole(tmp_path):
    few, many = (scraping.pods(pod(f"service-a-x-{n}", 1000 + n) for n in range(count)) for count in (1, 400))
    scraping.write_targets(tmp_path, scraping.PODS, few)
    reading = threading.Event()

    def write():
        reading.wait()
        for targets in (many, few) * 20:
            scraping.write_targets(tmp_path, scraping.PODS, targets)

    writer = threading.Thread(target=write)
    writer.start()
    reading.set()
    seen = set()
    while writer.is_alive():
        seen.add(len(stored(tmp_path, scraping.PODS)))
    writer.join()
    assert seen <= {1, 400}
    assert [path.name for path in (tmp_path / "targets").iterdir()] == ["kubernetes-pods.json"]
