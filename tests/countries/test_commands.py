"""``classic-anpr countries`` and ``classic-anpr validate``."""

from __future__ import annotations

from pathlib import Path

import pytest

from classic_anpr.cli.main import main


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[object, str, str]:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    out, err = capsys.readouterr()
    return caught.value.code, out, err


def test_list(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "countries")
    assert code == 0
    assert len(out.splitlines()) >= 60
    assert any(line.startswith("ru  Russia") for line in out.splitlines())


def test_one(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "countries", "by")
    assert code == 0
    assert "│BY│ AB-5 │" in out
    assert "AB 1234-5" in out
    assert run(capsys, "countries", "atlantis")[0] == 2


def test_pictures(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code, _, _ = run(capsys, "countries", "li", "-o", str(tmp_path / "new"))
    assert code == 0
    assert sorted(path.name for path in (tmp_path / "new").iterdir())[:2] == ["li-car-1.png", "li-car-2.png"]


def test_check(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "x.toml"
    path.write_text('code = "xx"\nname = "X"\nlayouts = []\n')
    code, out, err = run(capsys, "countries", "--check", str(path))
    assert code == 1
    assert f"{path}: layouts: is empty" in out
    assert "1 mistakes" in err
    assert run(capsys, "countries", "--check", str(tmp_path / "none.toml"))[0] == 2


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("А 123 ВС 77", "--country", "ru"), 0, "ru car (car): matches: A 123 BC 77; 77 Moscow"),
        (("A123BC00", "--country", "ru"), 1, "warning: 00 is not in the list of regions"),
        (("D123BC77", "--country", "ru"), 1, "character 1 is D"),
        (("SBA1234G", "--country", "sg,my"), 0, "sg car (car): matches: SBA 1234 G"),
        (("SBA1234H", "--country", "sg"), 1, "the check letter of SBA1234 is G"),
        (("BD51SMR",), 0, "gb current (car): matches: BD51 SMR; B Birmingham"),
    ],
)
def test_validate(capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], code: int, words: str) -> None:
    status, out, _ = run(capsys, "validate", *arguments)
    assert status == code
    assert words in out


@pytest.mark.parametrize("arguments", [(), ("***",), ("A1", "--country", "atlantis"), ("A1", "--nonsense")])
def test_validate_wrong_usage(capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]) -> None:
    assert run(capsys, "validate", *arguments)[0] == 2
