import pytest
from matplotlib.colors import to_hex

from refapp.draw.cloudwatch.containermap import container_map

LONG = "a-workload-whose-name-is-as-long-as-kubernetes-allows-a-name-to-be-63"


def colour(part):
    return to_hex(part.get_facecolor()[0])


def brightness(part):
    return sum(part.get_facecolor()[0][:3])


def test_every_object_but_pods_has_a_disc(reference, parts):
    found = set(parts(container_map(reference)))
    assert {
        "cluster istio-observe-demo",
        "namespace dev",
        "service dev service-a",
        "workload dev service-a service-a",
        "workload amazon-cloudwatch  fluent-bit",
    } <= found
    assert not [gid for gid in found if gid.startswith("pod ")]


def test_a_disc_is_the_darker_the_more_is_used(reference, parts):
    found = parts(container_map(reference))
    discs = [found[f"workload dev {name} {name}"] for name in ("rev-proxy", "service-d", "rabbitmq")]
    assert sorted(discs, key=brightness, reverse=True) == discs


def test_the_mode_decides_what_is_shown(make_objects, parts, drawn):
    found = make_objects({"dev": [("a", "a", 9.0, 1.0, 1), ("b", "b", 1.0, 9.0, 1)]})
    cpu, memory = (parts(container_map(found, mode)) for mode in ("cpu", "memory"))
    assert colour(cpu["workload dev a a"]) == colour(memory["workload dev b b"])
    assert colour(cpu["workload dev a a"]) != colour(memory["workload dev a a"])
    texts = drawn(container_map(found, "memory"))
    assert texts["title"] == "Container map: memory mode"
    assert texts["load workload dev b b"] == "9.0 % · 1 pod"
    assert texts["key"] == "0 to 10 % of memory, or more"


def test_the_scale_may_be_given(make_objects, parts, drawn):
    found = make_objects({"dev": [("a", "a", 9.0, 1.0, 1)]})
    whole, part = (parts(container_map(found, highest=highest))["workload dev a a"] for highest in (100, 9))
    assert brightness(whole) > brightness(part)
    assert drawn(container_map(found, highest=100))["key"].startswith("0 to 100 %")


def test_objects_stand_from_left_to_right(reference, parts):
    found = parts(container_map(reference))
    names = ("cluster istio-observe-demo", "namespace dev", "service dev service-a", "workload dev service-a service-a")
    xs = [found[name].get_offsets()[0][0] for name in names]
    assert xs == sorted(xs)
    assert len(set(xs)) == 4


def test_an_object_is_at_the_middle_of_what_it_leads_to(reference, parts):
    found = parts(container_map(reference))
    ys = [part.get_offsets()[0][1] for gid, part in found.items() if gid.startswith("service dev ")]
    assert found["namespace dev"].get_offsets()[0][1] == pytest.approx((min(ys) + max(ys)) / 2)


def test_lines_lead_to_all_but_the_cluster(reference, parts):
    found = parts(container_map(reference))
    lines = {gid.removeprefix("line ") for gid in found if gid.startswith("line ")}
    discs = {gid for gid in found if gid.split()[0] in ("namespace", "service", "workload")}
    assert lines == discs


def test_a_workload_without_a_service_hangs_on_its_namespace(reference, parts):
    found = parts(container_map(reference))
    line = found["line workload amazon-cloudwatch  fluent-bit"]
    x, y = line.get_xdata()[0], line.get_ydata()[0]
    at = found["namespace amazon-cloudwatch"].get_offsets()[0]
    assert y == at[1]
    assert 0 < x - at[0] < 0.3


def test_alarms_have_signs(reference, parts, drawn):
    figure = container_map(reference)
    found = parts(figure)
    assert len(found["alarm namespace dev"].get_xy()) == 4
    assert found["alarm workload dev service-d service-d"].get_marker() == "o"
    assert [gid for gid in found if gid.startswith("alarm workload")] == ["alarm workload dev service-d service-d"]
    texts = drawn(figure)
    assert (texts["key ALARM"], texts["key OK"]) == ("in alarm", "alarm: ok")


def test_without_alarms_the_key_is_silent_about_them(make_objects, drawn):
    texts = drawn(container_map(make_objects({"dev": [("a", "a", 9.0, 1.0, 1)]})))
    assert not [gid for gid in texts if gid.startswith("key ") and gid != "key"]


def test_what_has_not_been_measured_has_no_colour(make_objects, parts, drawn):
    found = make_objects({"dev": [("a", "a", 9.0, 1.0, 1)]}, nodes=(float("nan"), float("nan")))
    figure = container_map(found)
    assert colour(parts(figure)["cluster istio-observe-demo"]) == "#ffffff"
    assert drawn(figure)["load cluster istio-observe-demo"] == "no data"


def test_a_mode_has_to_be_one(reference):
    with pytest.raises(ValueError, match="cpu and memory, not 'disk'"):
        container_map(reference, "disk")


def test_without_objects_there_is_nothing_to_draw(make_objects):
    with pytest.raises(ValueError, match="no objects"):
        container_map(make_objects({}))


@pytest.mark.parametrize(
    "namespaces",
    [
        {"dev": [("a", "a", 0.01, 1.0, 1)]},
        {"dev": [(LONG, LONG, 300.0, 1.0, 4000)], LONG: [("$x$", None, 0.0, 0.0, 1)]},
        {f"n-{number}": [(f"w-{one}", "shared", 9.0, 1.0, 1) for one in range(3)] for number in range(6)},
    ],
)
def test_every_map_is_readable(make_objects, flaws, namespaces):
    assert flaws(container_map(make_objects(namespaces))) == []


def test_the_platforms_map_is_readable(reference, flaws):
    assert flaws(container_map(reference)) == []
    assert flaws(container_map(reference, "memory")) == []
