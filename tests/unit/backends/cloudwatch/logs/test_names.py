import pytest

from refapp.backends.cloudwatch.logs import names

ARN = "arn:aws:logs:eu-west-1:123456789012:log-group:/a/b"


def test_arns():
    assert names.group_arn("eu-west-1", "/a/b") == ARN
    assert names.stream_arn("eu-west-1", "/a/b", "s") == f"{ARN}:log-stream:s"


@pytest.mark.parametrize(
    ("identifier", "name"),
    [
        ("/a/b", "/a/b"),
        (ARN, "/a/b"),
        (f"{ARN}:*", "/a/b"),
        (ARN.replace("eu-west-1", "eu-west-2"), None),
        (ARN.replace("123456789012", "123456789013"), None),
        ("arn:aws:s3:::bucket", None),
    ],
)
def test_a_name_or_an_arn_names_a_group(identifier, name):
    assert names.named_group(identifier, "eu-west-1") == name
