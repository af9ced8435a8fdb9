from refapp.backends.containerinsights.formulas import Resources
from refapp.backends.containerinsights.measurements import Measured, Measurements, measured
from refapp.backends.containerinsights.readings import Reading, Snapshot
from refapp.backends.containers.inventory import Inventory


def test_what_is_known_of_a_thing_is_its_numbers_and_labels():
    reading = Reading("/", 1.0, {"size": 1}, {"count": 9}, {"device": "a"})
    node, things = measured(Snapshot(4, 100, {("NodeFS", "a"): reading}), {("NodeFS", "a"): {"size": 1, "count": 0.5}})
    assert node == Resources(4000, 100)
    assert things == {("NodeFS", "a"): Measured({"size": 1, "count": 0.5}, {"device": "a"})}


def test_parts_are_those_of_one_thing():
    one, other = Measured({"a": 1}, {}), Measured({"b": 2}, {})
    things = {("PodNet", "p", "eth0"): one, ("PodNet", "q", "eth0"): other, ("PodNet", "p", "x", "y"): other}
    found = Measurements(Inventory(), {}, Resources(1, 1), things)
    assert list(found.parts("PodNet", "p")) == [one]
    assert found.fields(("PodNet", "q", "eth0")) == {"b": 2}
    assert found.fields(("PodNet", "q")) == {}
