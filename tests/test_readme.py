"""What the README tells people to type exists."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import click
import pytest

from classic_anpr.cli.main import cli
from classic_anpr.results import Record

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def commands() -> list[str]:
    blocks = "\n".join(re.findall(r"```sh\n(.*?)```", README, re.DOTALL))
    return re.findall(r"\bclassic-anpr (?!==)[a-z].*", blocks)


@pytest.mark.parametrize("line", commands())
def test_commands_and_options_exist(line: str) -> None:
    words = shlex.split(line, comments=True)
    words = words[: next((i for i, word in enumerate(words) if word in "|>"), len(words))]
    context = click.Context(cli, info_name="classic-anpr")
    command = cli.get_command(context, words[1])
    assert command is not None, f"no command {words[1]}"
    known = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
    for word in words[2:]:
        assert not re.match(r"-\D", word) or word in known, f"{words[1]} has no option {word}"


def test_there_are_commands_to_check() -> None:
    assert len(commands()) >= 8


def test_schema_shown_is_the_schema() -> None:
    (shown,) = re.findall(r"```json\n(.*?)```", README, re.DOTALL)
    record = json.loads(shown)
    assert list(record) == list(Record("a", None, 0, 0).to_dict())


def test_schema_of_a_plate_shown_is_the_schema(plate: object) -> None:
    (shown,) = re.findall(r"```json\n(.*?)```", README, re.DOTALL)
    assert list(json.loads(shown)["plates"][0]) == list(plate.to_dict())  # type: ignore[attr-defined]


def test_blocks_that_the_integration_runs() -> None:
    for name, last in (("read", "classic-anpr read samples/"), ("tests", "python -m pytest")):
        (block,) = re.findall(rf"<!-- {name} -->\n```sh\n(.*?)```", README, re.DOTALL)
        assert block.splitlines()[-1].endswith(last)
