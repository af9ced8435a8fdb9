import json
import re

import pytest

from refapp.draw.graph.replay import replay as animate
from refapp.draw.graph.replay import strip
from refapp.query.mesh.replay import Replay


def data(animation):
    (found,) = re.findall(r'\)\("replay-\w+", (\{.*\})\);</script>', animation.html)
    return json.loads(found.replace("<\\/", "</"))


def test_every_moment_is_told(replay):
    found = data(animate(replay))
    assert found["times"] == ["03:04:05", "03:04:15", "03:04:25"]
    assert [len(edges) for edges in found["edges"]] == [23, 24, 24]
    call = "app service-e v1 → svc service-h grpc"
    assert [edges[call] for edges in found["edges"]][:2] == [[1, ["3.00"], -1], [3, ["3.00", "34%"], 1]]
    assert found["looks"][3]["colour"] == "#d55e00"
    last = "app service-f v1 → svc rabbitmq tcp"
    assert last not in found["edges"][0]
    assert found["edges"][2][last] == [-1, ["23.5k", "B/s"], -1]


def test_what_the_script_changes_is_in_the_drawing(replay):
    animation = animate(replay)
    found = data(animation)
    ids = set(re.findall(r'id="([^"]*)"', animation.html))
    assert set(found["ids"]["edges"]) | set(found["ids"]["nodes"]) <= ids
    assert set(found["labels"]) <= set(found["ids"]["edges"])


def test_it_is_small_and_asks_nobody(replay):
    html = animate(replay).html
    assert len(html) < 2_000_000
    addresses = set(re.findall(r"https?://[^\"'<> ]+", html))
    assert all(
        "w3.org" in one or "purl.org" in one or "creativecommons" in one or "matplotlib.org" in one for one in addresses
    )
    assert not re.search(r"<(script|img|link)[^>]* (src|href)=", html)


def test_it_has_a_dark_theme_and_can_be_used_by_keyboard(replay):
    html = animate(replay).html
    assert 'html[data-theme="dark"]' in html
    assert '<button type="button" aria-label=' in html
    assert '<input type="range" min="0" max="2"' in html


def test_names_cannot_break_out_of_the_script(build):
    graph = build(["</script><b>"], [])
    html = animate(Replay((graph,))).html
    assert "</script><b>" not in html
    assert html.count("</script>") == 1


def test_it_is_shown_by_a_notebook_and_saved_as_a_page(replay, tmp_path):
    animation = animate(replay)
    assert animation._repr_html_() == animation.html
    page = animation.save(tmp_path / "replay.html").read_text(encoding="utf-8")
    assert page.startswith("<!doctype html>")
    assert animation.html in page


def test_the_same_replay_gives_the_same_page(replay):
    assert animate(replay).html == animate(replay).html


def test_the_strip_has_moments_from_the_first_to_the_last(replay, written, parts):
    figure = strip(replay, 2)
    assert {gid: text for gid, text in written(figure).items() if gid.startswith("moment")} == {
        "moment 0": "03:04:05",
        "moment 1": "03:04:25",
    }
    assert len([axes for axes in figure.axes if axes.patches or axes.artists or axes.lines]) == 2
    assert "app service-a v1" in parts(figure)


def test_the_strip_takes_what_there_is(replay, written):
    assert sum(gid.startswith("moment") for gid in written(strip(replay, 6))) == 3
    assert sum(gid.startswith("moment") for gid in written(strip(replay, 1))) == 1


def test_wrong_arguments_are_refused(replay):
    for call in (animate, strip):
        with pytest.raises(ValueError, match="nothing to draw"):
            call(Replay(()))
    with pytest.raises(ValueError, match="nothing to draw"):
        strip(replay, 0)
    with pytest.raises(ValueError, match="'size'"):
        animate(replay, "size")
