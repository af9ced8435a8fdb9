from pathlib import Path

from refapp.mesh import Address
from refapp.mesh.envoy.resources import HTTP2, extension, listener, pipe, static_cluster, upstream_protocol, watched

ADDRESS = Address("127.0.0.1", 1)


def test_an_extension_names_its_message():
    resource = extension("name", "a.Message", field=1)
    assert resource == {"name": "name", "typed_config": {"@type": "type.googleapis.com/a.Message", "field": 1}}


def test_a_watched_file_is_watched_for_renames_in_its_directory():
    source = watched(Path("/run/x.json"))["path_config_source"]
    assert source == {"path": "/run/x.json", "watched_directory": {"path": "/run"}}


def test_a_socket_is_its_owners():
    assert pipe(Path("/run/x"))["pipe"] == {"path": "/run/x", "mode": 0o600}


def test_a_cluster_and_its_protocol():
    cluster = static_cluster("name", pipe(Path("/run/x")), **upstream_protocol(HTTP2))
    assert cluster["load_assignment"]["cluster_name"] == "name"
    (options,) = cluster["typed_extension_protocol_options"].values()
    assert options["explicit_http_config"] == HTTP2


def test_a_listener_has_one_chain():
    (chain,) = listener("name", ADDRESS, "INBOUND", {"name": "filter"}, transport_socket={})["filter_chains"]
    assert chain == {"filters": ({"name": "filter"},), "transport_socket": {}}
