"""The inbox as a process: `python -m refapp.backends.inbox.server`.

Its environment: PORT (`127.0.0.1:9095`), STORE (the path of the file, `messages.jsonl`) and MAX_MESSAGES (1000). The
webhook is at `WEBHOOK`; `GET /messages` takes `since` and `limit`.
"""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from typing import Final, Self

from aiohttp import web

from refapp.backends.inbox.messages import Inbox, InboxError, PayloadError, as_dict, parse
from refapp.backends.process import SHUTDOWN, listen, run
from refapp.services.settings import SettingsError, listen_address, whole_number
from refapp.services.signals import stop_signal

WEBHOOK: Final = "/services/T00000000/B00000000/local"
"""The path of the webhook; Slack's have three parts too, for the workspace, the app and its secret."""

MAX_BODY: Final = 2**20
"""The longest message that is read, in bytes."""

_DIGITS = 9  # of a number of messages


@dataclass(frozen=True, kw_only=True)
class InboxSettings:
    """What the inbox is told by its environment."""

    address: tuple[str, int]
    store: Path
    max_messages: int

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Self:
        """Read the settings; a variable that is empty counts as not set.

        Raises:
            SettingsError: a value cannot be used; the message names the variable and what it may hold.
        """
        return cls(
            address=listen_address(environ.get("PORT") or "127.0.0.1:9095"),
            store=Path(environ.get("STORE") or "messages.jsonl"),
            max_messages=whole_number("MAX_MESSAGES", environ.get("MAX_MESSAGES") or "1000", digits=_DIGITS),
        )


def application(inbox: Inbox) -> web.Application:
    """The webhook, the messages, and `/health`."""

    async def post(request: web.Request) -> web.Response:
        try:
            inbox.add(parse(await request.read()))
        except PayloadError as error:
            return web.Response(text=str(error), status=HTTPStatus.BAD_REQUEST)
        except InboxError as error:
            return web.Response(text=str(error), status=HTTPStatus.INTERNAL_SERVER_ERROR)
        return web.Response(text="ok")

    async def messages(request: web.Request) -> web.Response:
        since, limit = _since(request), _limit(request)
        return web.json_response([as_dict(message) for message in inbox.newest(since, limit)])

    async def health(_: web.Request) -> web.Response:
        return web.json_response({"status": "UP", "messages": len(inbox)})

    app = web.Application(client_max_size=MAX_BODY)
    app.add_routes([web.post(WEBHOOK, post), web.get("/messages", messages), web.get("/health", health)])
    return app


def runner(inbox: Inbox) -> web.AppRunner:
    """A server of the application, not yet listening."""
    return web.AppRunner(application(inbox), access_log=None, shutdown_timeout=SHUTDOWN)


async def serve(settings: InboxSettings) -> None:
    """Serve until SIGTERM or SIGINT.

    Raises:
        InboxError: the file cannot be opened.
        OSError: the address cannot be had.
    """
    stop = stop_signal()
    await listen(runner(Inbox(settings.store, settings.max_messages)), settings.address, stop)


def main() -> int:
    """Run the inbox that the environment describes.

    Returns:
        The exit code: 0 after a stop by signal, 1 when it cannot start, 2 when a setting is broken.
    """
    return run(lambda: serve(InboxSettings.from_environ(os.environ)), InboxError)


def _since(request: web.Request) -> datetime | None:
    text = request.query.get("since")
    if not text:
        return None
    try:
        since = datetime.fromisoformat(text)
    except ValueError:
        since = None
    if since is None or since.tzinfo is None:
        raise web.HTTPBadRequest(
            text=f"since is {text!r}: it must be a time with its zone, such as 2026-11-23T05:00:00Z"
        )
    return since


def _limit(request: web.Request) -> int | None:
    text = request.query.get("limit")
    if not text:
        return None
    try:
        return whole_number("limit", text, digits=_DIGITS)
    except SettingsError as error:
        raise web.HTTPBadRequest(text=str(error)) from None


if __name__ == "__main__":
    sys.exit(main())
