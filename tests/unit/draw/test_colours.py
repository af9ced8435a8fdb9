from matplotlib.colors import to_rgb

from refapp.draw.colours import service_colours, tint
from refapp.draw.style import INK, VERMILION

NAMES = [f"service-{number}" for number in range(24)]


def test_twenty_four_services_can_be_told_apart():
    assert len(set(service_colours(NAMES).values())) == 24


def test_colours_follow_the_order_of_first_appearance():
    assert service_colours(["b", "a", "b", "c"]) == dict(zip("bac", service_colours(NAMES[:3]).values(), strict=True))


def test_colours_of_the_first_do_not_change_with_what_follows():
    assert service_colours(NAMES[:5]).items() <= service_colours(NAMES).items()


def test_a_service_never_has_the_colour_of_an_error_or_of_the_critical_path():
    assert {VERMILION, INK}.isdisjoint(service_colours(NAMES).values())


def test_colours_come_again_after_all_have_been_used():
    assert len(service_colours(f"{number}" for number in range(100))) == 100


def test_a_tint_lies_between_the_colour_and_white():
    assert tint("#0072b2", 0) == "#ffffff"
    assert tint("#0072b2", 1) == "#0072b2"
    assert all(own <= pale <= 1 for own, pale in zip(to_rgb("#0072b2"), to_rgb(tint("#0072b2", 0.3)), strict=True))
