from refapp.mesh.envoy import accesslog


def fields(log):
    return log["typed_config"]["log_format"]["json_format"]


def test_a_request_has_what_a_connection_has():
    request, connection = accesslog.requests("inbound"), accesslog.connections("outbound")
    assert fields(request).keys() > fields(connection).keys()
    assert fields(request)["direction"] == "inbound"
    assert fields(connection)["direction"] == "outbound"


def test_a_connection_is_logged_once():
    assert accesslog.connections("outbound")["filter"]["log_type_filter"]["types"] == ["TcpConnectionEnd"]
