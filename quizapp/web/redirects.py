"""Where a request may send the browser on to."""

from __future__ import annotations

from urllib.parse import urlsplit


def own_path(target: str) -> str | None:
    r"""Return `target` if it is a path on this site, else None.

    Browsers read ``//host``, ``/\host`` and tabs or line ends in between as another site.
    """
    if not target.startswith("/") or target.startswith("//"):
        return None
    if "\\" in target or any(ord(character) < ord(" ") for character in target):
        return None
    parts = urlsplit(target)
    return None if parts.scheme or parts.netloc else target
