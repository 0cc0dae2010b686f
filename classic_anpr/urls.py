"""What may be said of a URL."""

from __future__ import annotations

import re


def without_secrets(url: str) -> str:
    """A URL as it may stand in a record or a message: no user and password, in front of the host or in the query.

    Anything that is no URL comes back as it is.
    """
    if "://" not in url:
        return url
    url = re.sub(r"://[^/?#]*@", "://", url, count=1)
    return re.sub(r"(?i)([?&][^=&]*(?:user|pass|pwd|token|key|secret)[^=&]*=)[^&]*", r"\1...", url)
