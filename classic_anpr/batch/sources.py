"""Images that are not files of this machine: on servers, in object stores, in archives. All through fsspec.

Such an image is named by a URL as fsspec writes them: ``s3://bucket/a.jpg``, ``https://host/a.jpg``,
``zip://folder/a.jpg::photos.zip`` (a member of an archive, and where the archive is). Credentials come from the
environment, as each service's own tools read them, and never from a URL, since URLs stand in the records.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from classic_anpr import images
from classic_anpr.errors import ImageError, UsageError

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem

STREAMS = frozenset({"rtsp", "rtsps", "rtmp", "rtmps", "udp", "rtp"})
"""Schemes of URLs that are live streams."""

_VIDEOS = frozenset(
    {".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".mpg", ".mpeg", ".ts", ".mts", ".m2ts", ".3gp", ".flv", ".wmv"}
    | {".mjpg", ".mjpeg"}
)
# Ending -> kind of archive, and how it is packed.
_ARCHIVES = {
    ".zip": ("zip", None),
    ".tar": ("tar", None),
    ".tar.gz": ("tar", "gzip"),
    ".tgz": ("tar", "gzip"),
    ".tar.bz2": ("tar", "bz2"),
    ".tar.xz": ("tar", "xz"),
}
_DEEPEST = 64  # folders within folders: a server can make up links for ever
# A listing is walked once, so keeping it would only cost memory. trust_env: proxies and ~/.netrc of the environment.
_OPTIONS: dict[str, dict[str, Any]] = {
    "s3": {"use_listings_cache": False},
    "gs": {"use_listings_cache": False},
    "http": {"client_kwargs": {"trust_env": True}},
    "https": {"client_kwargs": {"trust_env": True}},
}


def is_url(name: str) -> bool:
    """Whether a name is a URL, and not that of a file here."""
    return "://" in name and not os.path.lexists(name)


def is_video(name: str) -> bool:
    """Whether a path or URL is read as a video: by its ending, lower or upper case, or as a live stream."""
    url = urlsplit(name) if is_url(name) else None
    path = name if url is None else url.path
    return (url is not None and url.scheme in STREAMS) or os.path.splitext(path)[1].lower() in _VIDEOS


def archive_url(path: str) -> str | None:
    """The URL of the root of an archive, for a path or URL that ends like one; None where it does not."""
    for ending, (kind, _) in _ARCHIVES.items():
        if path.lower().endswith(ending):
            return f"{kind}://::{path}"
    return None


def load(name: str) -> images.Image:
    """Read an image by its name, a path or a URL, as `classic_anpr.images.load` does.

    Raises
    ------
    ImageError
        If it cannot be read.
    UsageError
        If a package that the URL needs is not installed.
    """
    if not is_url(name):
        return images.load(name)
    limit = images.LoadSettings().max_bytes
    try:
        kind, member, place = _split(name)
        files, path = (_archive(kind, place), member) if kind else _open(name)
        with files.open(path, "rb") as file:
            data = file.read(limit + 1)
    except UsageError:
        raise
    except Exception as error:  # Every service has errors of its own.
        raise ImageError(f"{name}: {cause(error)}") from error
    return images.from_bytes(data, name)


def pictures(url: str) -> Iterator[str]:
    """The URLs of the pictures that a URL stands for: itself, or those in a folder, in an archive, or of a pattern.

    They come in the order of their names; those of a tar archive in its own, since it can only be read forwards.

    Raises
    ------
    UsageError
        If a package that the URL needs is not installed, or if there is a password in it.
    Exception
        What the service has to say when it cannot be listed; `cause` words it.
    """
    if any(urlsplit(part).password is not None for part in url.split("::")):
        scheme = url.partition("://")[0]
        raise UsageError(f"{scheme}://: a password in a URL would stand in every record: put it into the environment")
    kind, member, place = _split(url)
    if kind:
        yield from _members(kind, member, place)
        return
    parts = urlsplit(url)
    web = parts.scheme in ("http", "https")
    if (root := archive_url(url)) is not None:
        yield from pictures(root)
    elif "*" not in url and (is_picture(parts.path) or (web and not url.endswith("/"))):
        yield url
    else:
        files, path = _open(url)
        # What stands before a path in a URL, which is a host for some services and nothing for others.
        before = url.rstrip("/").removesuffix(path.rstrip("/"))
        if "*" in path:
            found: Iterable[str] = sorted(name for name in files.glob(path) if is_picture(name))
        else:
            found = _below(files, path) if web or files.isdir(path) else [path]
        for name in found:
            yield before + name


def is_picture(path: str) -> bool:
    """Whether a path ends like a picture's, and its name is not a hidden one."""
    name = path.rpartition("/")[2]
    return os.path.splitext(name)[1].lower() in images.SUFFIXES and not name.startswith(".")


def cause(error: Exception) -> str:
    """An error of a service, in words."""
    if isinstance(error, FileNotFoundError):  # Some services put the URL where the system has its words.
        return "no such file"
    return getattr(error, "strerror", None) or f"{type(error).__name__}: {error}".removesuffix(": ")


def _below(files: AbstractFileSystem, folder: str, depth: int = 0) -> Iterator[str]:
    entries = sorted((entry["name"], entry["type"]) for entry in files.ls(folder, detail=True))
    for name, kind in entries:
        # Object stores list a folder in itself, and web pages link to what lies elsewhere.
        if len(name.rstrip("/")) <= len(folder.rstrip("/")) or not name.startswith(folder):
            continue
        if kind != "directory":
            if is_picture(name):
                yield name
        elif depth < _DEEPEST and not name.rstrip("/").rpartition("/")[2].startswith("."):
            yield from _below(files, name, depth + 1)


def _members(kind: str, member: str, place: str) -> Iterator[str]:
    archive = _archive(kind, place)
    names = list(archive.index) if kind == "tar" else sorted(archive.find(""))
    if member not in names:
        below = member.rstrip("/") + "/" if member else ""
        names = [name for name in names if name.startswith(below) and is_picture(name)]
        if not names:
            raise LookupError("no picture in this archive")
        yield from (f"{kind}://{name}::{place}" for name in names)
    else:
        yield f"{kind}://{member}::{place}"


def _split(url: str) -> tuple[str, str, str]:
    """Kind, member and place of an archive's URL; a kind of "" for another URL."""
    kind, _, rest = url.partition("://")
    if kind not in ("zip", "tar") or "::" not in rest:
        return "", "", ""
    member, _, place = rest.rpartition("::")
    return kind, member, place


@functools.lru_cache(maxsize=4)
def _archive(kind: str, place: str) -> AbstractFileSystem:
    """An archive, kept open: to find a member, all of its table has to be read."""
    packed = [packing for ending, (_, packing) in _ARCHIVES.items() if place.lower().endswith(ending)]
    options: dict[str, Any] = {"compression": packed[-1]} if kind == "tar" and packed else {}
    return _open(f"{kind}://::{place}", {kind: options})[0]


def _open(url: str, options: dict[str, Any] | None = None) -> tuple[AbstractFileSystem, str]:
    """The file system of a URL, and the path in it; `options` of the protocols in the URL, by their names."""
    schemes = [part.partition("://")[0] for part in url.split("::") if "://" in part]
    try:
        import fsspec

        for scheme in schemes:
            fsspec.get_filesystem_class(scheme)
    except ImportError as error:
        raise UsageError(f"{url}: {error}; this brings it: pip install 'classic-anpr[remote]'") from error
    except ValueError as error:  # An unknown protocol.
        raise UsageError(f"{url}: {error}") from error
    known = {scheme: _OPTIONS[scheme] for scheme in schemes if scheme in _OPTIONS}
    opened: tuple[AbstractFileSystem, str] = fsspec.url_to_fs(url, **known, **(options or {}))
    return opened
