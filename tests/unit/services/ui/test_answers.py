from http import HTTPStatus

import orjson

from refapp.services.ui.answers import AnswerError, answer, refused


def test_a_value_becomes_json_that_nobody_keeps():
    response = answer({"a": "é"})
    assert (response.status, orjson.loads(response.body)) == (200, {"a": "é"})
    assert response.headers["Content-Type"] == "application/json"
    assert response.headers["Cache-Control"] == "no-store"


def test_an_error_says_what_is_wrong():
    response = refused(AnswerError(HTTPStatus.TOO_MANY_REQUESTS, "slower", {"Retry-After": "1"}))
    assert (response.status, orjson.loads(response.body)) == (429, {"message": "slower"})
    assert response.headers["Retry-After"] == "1"


def test_an_error_may_show_what_is_no_text():
    response = refused(AnswerError(HTTPStatus.BAD_REQUEST, "\udc80"))
    assert orjson.loads(response.body) == {"message": "\\udc80"}
