import pytest

from refapp.backends.cloudwatch import errors
from refapp.backends.cloudwatch.errors import MalformedQuery, ServiceError

REFUSALS = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, ServiceError)]


@pytest.mark.parametrize("kind", [kind for kind in REFUSALS if kind is not MalformedQuery])
def test_an_error_says_what_it_was_given(kind):
    error = kind("It is so.", resourceName="x")
    assert (str(error), error.message, error.extra) == ("It is so.", "It is so.", {"resourceName": "x"})


def test_codes_are_aws_s():
    codes = {kind.code for kind in REFUSALS if kind is not ServiceError}
    assert len(codes) == len(REFUSALS) - 1
    assert all(code.endswith("Exception") for code in codes)


def test_a_malformed_query_says_where():
    error = MalformedQuery("unexpected `x`", 3, 4)
    assert error.extra == {
        "queryCompileError": {
            "location": {"startCharOffset": 3, "endCharOffset": 4},
            "message": "unexpected `x`",
        }
    }
