import pytest

from refapp.backends.cloudwatch.errors import InvalidParameter
from refapp.backends.cloudwatch.logs import parameters


def test_texts_are_read():
    assert parameters.text({"a": "x"}, "a") == "x"
    assert parameters.optional_text({}, "a") is None
    assert parameters.optional_text({"a": None}, "a") is None
    assert parameters.text({"a": ""}, "a", shortest=0) == ""


@pytest.mark.parametrize(
    ("value", "complaint"),
    [
        (None, "Value 'null' at 'a' failed to satisfy constraint: Member must not be null"),
        (5, "Member must be a string"),
        (["x"], "Member must be a string"),
        ("", "Member must have length greater than or equal to 1"),
        ("x" * 513, r"Value 'x{100}\.\.\.' at 'a'.*Member must have length less than or equal to 512"),
        ("a b", "Member must satisfy regular expression pattern"),
        ("x\n", "Member must satisfy regular expression pattern"),
    ],
)
def test_broken_texts_are_explained(value, complaint):
    with pytest.raises(InvalidParameter, match=complaint):
        parameters.text({"a": value}, "a", pattern="[a-z]+")


def test_whole_numbers_are_read():
    assert parameters.whole({"a": 5}, "a", least=1, most=5) == 5
    assert parameters.whole({}, "a") is None


@pytest.mark.parametrize("value", [0, 6, True, "5", 5.0, -1])
def test_what_is_no_whole_number_in_the_range(value):
    with pytest.raises(InvalidParameter, match="at 'a' failed"):
        parameters.whole({"a": value}, "a", least=1, most=5)


def test_flags_and_choices():
    assert parameters.flag({"a": True}, "a", default=False)
    assert parameters.flag({}, "a", default=True)
    assert parameters.choice({"a": "x"}, "a", ("x", "y")) == "x"
    assert parameters.choice({}, "a", ("x",)) is None
    with pytest.raises(InvalidParameter, match="true or false"):
        parameters.flag({"a": 1}, "a", default=True)
    with pytest.raises(InvalidParameter, match=r"enum value set: \[x, y\]"):
        parameters.choice({"a": ["z"]}, "a", ("x", "y"))


def test_lists_of_texts():
    assert parameters.texts({"a": ["x"]}, "a", most=1) == ["x"]
    assert parameters.texts({}, "a", most=1) is None
    for value in ([], ["x", "y"], "x", [1], [""]):
        with pytest.raises(InvalidParameter, match="'a' failed"):
            parameters.texts({"a": value}, "a", most=1)


def test_tags():
    assert parameters.tags({"tags": {"k": ""}}) == {"k": ""}
    assert parameters.tags({}) is None
    for value in ({}, {"k": 1}, {"": "v"}, {"k" * 129: "v"}, {"k": "v" * 257}, {str(n): "" for n in range(51)}, ["k"]):
        with pytest.raises(InvalidParameter, match="'tags"):
            parameters.tags({"tags": value})


def test_members_without_effect_are_refused():
    parameters.check_members({"a": 1, "b": None, "c": False}, {"a"})
    with pytest.raises(InvalidParameter, match="b, c: not supported by this endpoint"):
        parameters.check_members({"a": 1, "c": 1, "b": []}, {"a"})
