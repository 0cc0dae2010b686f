"""Records to a web server, by HTTP POST."""

from __future__ import annotations

import http.client
import os
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import urlsplit

from classic_anpr import __version__
from classic_anpr.errors import UsageError
from classic_anpr.notify.courier import NotNow, Refused
from classic_anpr.notify.spool import Message
from classic_anpr.urls import without_secrets

TOKEN = "CLASSIC_ANPR_WEBHOOK_TOKEN"
"""Environment variable with a bearer token for the server, where it wants one."""

_TIMEOUT = 10.0  # seconds
# Answers that speak of the very message: malformed, too large, of a wrong type, not processable (RFC 9110, 15.5). Any
# other failure is the server's or the configuration's, and may be mended while the messages wait.
_REFUSALS = frozenset({400, 413, 415, 422})


class Webhook:
    """Posts each message as ``application/json``, its id in the header ``Idempotency-Key`` and in the document.

    Any 2xx answer means that it was taken. Redirections are not followed: they would turn the POST into a GET.

    Parameters
    ----------
    url : str
        ``http://`` or ``https://``; a bearer token comes from the environment variable `TOKEN`.

    Raises
    ------
    UsageError
        If the URL is no such, or has a user or password in it.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self.name = without_secrets(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise UsageError(f"--webhook: {self.name}: a URL as in https://host/path is wanted")
        if "@" in parts.netloc:
            raise UsageError(f"--webhook: {self.name}: no user or password in the URL: the token is taken from {TOKEN}")
        self._url = url
        self._headers = {"Content-Type": "application/json", "User-Agent": f"classic-anpr/{__version__}"}
        if token := os.environ.get(TOKEN):
            self._headers["Authorization"] = f"Bearer {token}"
        self._opener = urllib.request.build_opener(_NoRedirection)

    def deliver(self, message: Message) -> None:
        """Post one message; raises `NotNow` or `Refused`."""
        headers = {**self._headers, "Idempotency-Key": message.id}
        request = urllib.request.Request(self._url, message.body.encode(), headers, method="POST")
        try:
            with self._opener.open(request, timeout=_TIMEOUT):
                return
        except urllib.error.HTTPError as error:
            error.close()
            answer = f"the server answers {error.code} {error.reason}"
            raise (Refused if error.code in _REFUSALS else NotNow)(answer) from None
        except (OSError, http.client.HTTPException) as error:
            raise NotNow(str(getattr(error, "reason", error)) or type(error).__name__) from None

    def close(self) -> None:
        pass


class _NoRedirection(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None
