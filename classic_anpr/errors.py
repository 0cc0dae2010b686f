"""The exception hierarchy: one base class, each class carries the exit code of the command."""

from __future__ import annotations


class AnprError(Exception):
    """Anything this package reports to its user. ``exit_code`` is the command's when nothing else was done."""

    exit_code = 1


class UsageError(AnprError):
    """Wrong options or arguments."""

    exit_code = 2


class ImageError(AnprError):
    """One image cannot be read; the message says which and why. Never stops a folder.

    ``sha256`` is the digest of the file's bytes where they could be read, else None.
    """

    def __init__(self, message: str, sha256: str | None = None) -> None:
        super().__init__(message)
        self.sha256 = sha256


class EngineError(AnprError):
    """An OCR engine or its model is missing or broken; the message says how to get it."""

    exit_code = 3


class CountryFileError(AnprError):
    """A country file is wrong; the message names file, key and reason."""

    exit_code = 2
