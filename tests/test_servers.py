"""What tests in the browser ask of the log of the app."""

import traceback
from io import StringIO

from starlette.websockets import WebSocketDisconnected

from tests.support.servers import LEFT, failures


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
    assert failures(logged()) == failures(logged(left)) == failures(logged(left, left)) == []
    for errors in [(ValueError("wrong"),), (left, ValueError("wrong")), (ValueError("wrong"), left)]:
        (found,) = failures(logged(*errors))
        assert found.count("Traceback") == 2
        assert "ValueError: wrong" in found
