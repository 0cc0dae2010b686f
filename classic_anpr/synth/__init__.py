"""Drawn plates: text lines, whole plates and scenes, for training, for tests and for the samples."""
