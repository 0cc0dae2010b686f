"""The exception hierarchy: one base class, each class carries the exit code of the command."""

from __future__ import annotations


class AnprError(Exception):
    """Anything this package reports to its user. ``exit_code`` is the command's when nothing else was done."""

    exit_code = 1


class UsageError(AnprError):
    """Wrong options or arguments."""

    exit_code = 2


class ImageError(AnprError):
    """One image cannot be read; the message says which and why. Never stops a folder."""


class EngineError(AnprError):
    """An OCR engine or its model is missing or broken; the message says how to get it."""

    exit_code = 3


class CountryFileError(AnprError):
    """A country file is wrong; the message names file, key and reason."""

    exit_code = 2
