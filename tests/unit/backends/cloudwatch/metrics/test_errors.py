import pytest
from moto.core.utils import get_service_model

from refapp.backends.cloudwatch.errors import ServiceError
from refapp.backends.cloudwatch.metrics import errors

SHAPES = {
    shape.metadata.get("error", {}).get("code", shape.name): shape.metadata.get("error", {})
    for shape in get_service_model("cloudwatch").error_shapes
}
ERRORS = [value for value in vars(errors).values() if isinstance(value, type) and value is not ServiceError]


@pytest.mark.parametrize("error", [error for error in ERRORS if error is not errors.InvalidAction])
def test_codes_and_their_status_are_those_of_the_model(error):
    assert error.status == SHAPES[error.code]["httpStatusCode"]


def test_the_error_that_all_services_have_is_none_of_the_model():
    assert errors.InvalidAction.code not in SHAPES
    assert errors.InvalidAction("x").message == "x"
