from refapp.monitoring.dashboards.traffic import Direction

DIRECTION = Direction("Incoming", "source", "source_workload", "{{source_workload}}", 'a="1"', 'b="2"')


def test_every_panel_tells_its_direction_and_whom_it_tells_apart():
    panels = DIRECTION.panels()
    assert len({panel.title for panel in panels}) == len(panels) == 7
    assert all("incoming" in panel.title.lower() and "by source" in panel.title for panel in panels)


def test_requests_and_connections_have_selectors_of_their_own():
    for panel in DIRECTION.panels():
        wanted, other = ('b="2"', 'a="1"') if "TCP" in panel.title else ('a="1"', 'b="2"')
        for query in panel.queries.values():
            assert wanted in query.expr
            assert other not in query.expr


def test_mutual_tls_is_told_only_where_it_is_known():
    def first(*, secured):
        panel = Direction("Incoming", "x", "x", "{{x}}", "", "", secured=secured).panels()[0]
        return panel.queries["A"].expr

    assert "connection_security_policy" in first(secured=True)
    assert "connection_security_policy" not in first(secured=False)
