"""What tests in the browser ask of the log of the app."""

import traceback
from io import StringIO

from starlette.websockets import WebSocketDisconnected

from tests.support.servers import LEFT, without_known


def logged(*errors: Exception) -> str:
    """A log with other lines before, between and after these errors, each with another that caused it."""
    lines = StringIO("INFO: started\n")
    lines.seek(0, 2)
    for error in errors:
        try:
            try:
                raise RuntimeError("first")
            except RuntimeError as first:
                raise error from first
        except type(error):
            lines.write("ERROR: Exception in ASGI application\n" + traceback.format_exc() + "INFO: another line\n")
    return lines.getvalue()


def test_only_a_visitor_who_left_is_no_failure():
    left = WebSocketDisconnected(LEFT)
    for errors in [(), (left,), (left, left)]:
        rest = without_known(logged(*errors))
        assert "Traceback" not in rest
        assert rest.count("INFO: another line") == len(errors)
    for errors in [(ValueError("wrong"),), (left, ValueError("wrong")), (ValueError("wrong"), left)]:
        rest = without_known(logged(*errors))
        assert rest.count("Traceback") == 2
        assert "ValueError: wrong" in rest
    assert "Traceback" in without_known("Traceback (most recent call last):"), "cut off"
