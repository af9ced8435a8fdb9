import pytest

from refapp.backends.cloudwatch.errors import InvalidParameter, ResourceNotFound
from refapp.backends.cloudwatch.logs.tags import TooManyTags, of_group

ARN = "arn:aws:logs:us-east-1:123456789012:log-group:g"


@pytest.fixture(params=["of today", "of old"])
def tagging(ask, request):
    """The operations about tags, as functions: tag, untag and list."""
    ask("CreateLogGroup", logGroupName="g", tags={"a": "1"})
    if request.param == "of today":
        return (
            lambda **tags: ask("TagResource", resourceArn=ARN, tags=tags),
            lambda *keys: ask("UntagResource", resourceArn=ARN, tagKeys=list(keys)),
            lambda: ask("ListTagsForResource", resourceArn=ARN)["tags"],
        )
    return (
        lambda **tags: ask("TagLogGroup", logGroupName="g", tags=tags),
        lambda *keys: ask("UntagLogGroup", logGroupName="g", tags=list(keys)),
        lambda: ask("ListTagsLogGroup", logGroupName="g")["tags"],
    )


def test_tags_come_and_go(tagging):
    tag, untag, listed = tagging
    tag(a="2", b="3")
    assert listed() == {"a": "2", "b": "3"}
    untag("a", "never")
    assert listed() == {"b": "3"}


def test_there_are_fifty_at_most(tagging):
    tag, _, listed = tagging
    tag(**{f"k{number}": "" for number in range(49)})
    with pytest.raises(TooManyTags, match="can have 50 tags; g would have 51") as refusal:
        tag(more="")
    assert refusal.value.code == "TooManyTagsException"
    assert len(listed()) == 50


def test_what_is_not_there(ask):
    with pytest.raises(ResourceNotFound, match="log group does not exist"):
        ask("ListTagsForResource", resourceArn=ARN)
    with pytest.raises(ResourceNotFound, match="not in the region"):
        ask("TagResource", resourceArn=ARN.replace("us-east-1", "us-east-2"), tags={"a": "b"})
    ask.stream()
    with pytest.raises(InvalidParameter, match="regular expression pattern"):
        ask("ListTagsForResource", resourceArn=f"{ARN}:*")  # documented: without the asterisk
    with pytest.raises(InvalidParameter, match="tags must be given"):
        ask("TagLogGroup", logGroupName="g")


def test_only_tags_of_groups_are_kept_here():
    assert of_group({"resourceArn": ARN})
    assert not of_group({"resourceArn": "arn:aws:logs:us-east-1:123456789012:destination:d"})
    assert not of_group({})
