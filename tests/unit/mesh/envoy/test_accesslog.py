from dataclasses import replace

from refapp.mesh.envoy import accesslog


def fields(log):
    return log["typed_config"]["log_format"]["json_format"]


def test_a_request_has_what_a_connection_has(mesh):
    ((request,), (connection,)) = accesslog.requests(mesh, "inbound"), accesslog.connections(mesh, "outbound")
    assert fields(request).keys() > fields(connection).keys()
    assert fields(request)["direction"] == "inbound"
    assert fields(connection)["direction"] == "outbound"


def test_a_connection_is_logged_once(mesh):
    (log,) = accesslog.connections(mesh, "outbound")
    assert log["filter"]["log_type_filter"]["types"] == ["TcpConnectionEnd"]


def test_nothing_is_logged_without_an_access_log(mesh):
    silent = replace(mesh, access_log=False)
    assert accesslog.requests(silent, "inbound") == accesslog.connections(silent, "outbound") == []
