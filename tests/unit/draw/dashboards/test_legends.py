from refapp.draw.dashboards.legends import AUTO, names, series

TWO = [{"app": "a", "code": "200"}, {"app": "b", "code": "200"}]


def test_a_template_is_filled_in_and_what_is_missing_is_empty():
    assert names(TWO, "{{app}} {{ code }}{{x}}", "q") == ["a 200", "b 200"]


def test_a_template_of_labels_that_a_series_does_not_have_tells_the_series():
    assert names([{"app": "a"}], "{{x}}", "q") == ['{app="a"}']
    assert names([{}], "{{x}}", "q") == ["q"]


def test_without_a_template_it_is_the_series_itself():
    assert names([{"__name__": "up", "job": "x"}], "", "up") == ['up{job="x"}']
    assert names([{}], "", "sum(up)") == ["sum(up)"]


def test_auto_shows_what_tells_the_series_apart():
    assert names(TWO, AUTO, "q") == ["a", "b"]
    assert names([*TWO, {"app": "b", "code": "500"}], AUTO, "q")[2] == '{app="b", code="500"}'
    assert names([{}], AUTO, "sum(up)") == ["sum(up)"]
    assert names([{"app": "a"}], AUTO, "q") == ["a"]
    assert names([{"__name__": "up"}], AUTO, "up") == ["up"]


def test_a_name_alone_has_no_braces():
    assert series({"__name__": "up"}) == "up"
    assert series({}) == ""
