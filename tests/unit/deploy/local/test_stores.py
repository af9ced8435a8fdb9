from refapp.backends.tracing.server import CollectorSettings
from refapp.deploy.local import stores
from refapp.deploy.local.specs import Tier


def test_the_collector_reads_what_it_is_told(tmp_path):
    pod = stores.tracing_pod(20000, tmp_path / "tracing")
    (container,) = pod.containers
    read = CollectorSettings.from_environ(container.env)
    assert read.address == ("127.0.0.1", 20000)
    assert read.store.parent.is_dir()
    assert "guid:x-request-id" in read.autocomplete_keys
    assert (container.path, pod.tier) == ("/health", Tier.STORE)


def test_the_database_listens_on_loopback(tmp_path):
    (container,) = stores.mongodb_pod(20001, tmp_path / "mongodb").containers
    command = " ".join(container.command)
    assert "--bind_ip 127.0.0.1 --port 20001" in command
