"""Images in archives, on a server, in a store in memory; and what is said where they cannot be had."""

from __future__ import annotations

import builtins
import functools
import http.server
import tarfile
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from classic_anpr import images
from classic_anpr.batch import ImageFiles, Job, read_records, sources
from classic_anpr.errors import ImageError, UsageError

fsspec = pytest.importorskip("fsspec")

PICTURE = cv2.imencode(".png", np.full((40, 60, 3), 200, np.uint8))[1].tobytes()
MEMBERS = {
    "z.png": PICTURE,
    "sub/фото 1.png": PICTURE,
    "sub/deep/b.jpg": b"no picture",
    "sub/deep/empty.jpg": b"",
    "odd::name.png": PICTURE,
    "notes.txt": b"not a picture",
    "__MACOSX/._z.png": b"not a picture",
}
FOUND = ["odd::name.png", "sub/deep/b.jpg", "sub/deep/empty.jpg", "sub/фото 1.png", "z.png"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, data in MEMBERS.items():
        path = tmp_path / "photos" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return tmp_path / "photos"


def pack(folder: Path, ending: str) -> Path:
    archive = folder.parent / f"photos{ending}"
    if ending == ".zip":
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
            for name in MEMBERS:
                file.write(folder / name, name)
    else:
        mode: Any = {".tar.gz": "w:gz", ".tgz": "w:gz", ".tar.bz2": "w:bz2", ".tar.xz": "w:xz"}.get(ending, "w")
        with tarfile.open(archive, mode) as tar:
            for name in MEMBERS:
                tar.add(folder / name, name)
    return archive


@pytest.mark.parametrize("ending", [".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz"])
def test_archives_are_folders(folder: Path, ending: str) -> None:
    archive = pack(folder, ending)
    kind = "zip" if ending == ".zip" else "tar"
    found = list(ImageFiles([str(archive)]))
    assert sorted(found) == [f"{kind}://{name}::{archive}" for name in FOUND]
    assert list(ImageFiles([f"{kind}://sub::{archive}"])) == [name for name in found if "://sub/" in name]
    assert list(ImageFiles([found[0]])) == [found[0]]
    for name in found:
        member = name.partition("://")[2].rpartition("::")[0]
        if MEMBERS[member] == PICTURE:
            image = sources.load(name)
            assert image.pixels.shape == (40, 60, 3)
            assert (image.filename, image.sha256) == (name, images.load(folder / member).sha256)
    with pytest.raises(ImageError, match="not a JPEG"):
        sources.load(f"{kind}://sub/deep/b.jpg::{archive}")
    with pytest.raises(ImageError, match="empty file"):
        sources.load(f"{kind}://sub/deep/empty.jpg::{archive}")
    with pytest.raises(ImageError, match="absent"):
        sources.load(f"{kind}://absent.jpg::{archive}")


def test_members_of_a_tar_come_in_its_order(folder: Path) -> None:
    archive = pack(folder, ".tar.gz")
    members = [name.partition("://")[2].rpartition("::")[0] for name in ImageFiles([str(archive)])]
    assert members == [name for name in MEMBERS if name in FOUND]


def test_hostile_archives(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "text.zip").write_text("no archive")
    (tmp_path / "empty.tar").write_bytes(b"")
    with zipfile.ZipFile(tmp_path / "none.zip", "w"):
        pass
    arguments = [str(tmp_path / name) for name in ("text.zip", "empty.tar", "none.zip")]
    files = ImageFiles(arguments)
    assert list(files) == []
    assert files.unreadable == 3
    assert all(argument in caplog.text for argument in arguments)
    with tarfile.open(tmp_path / "odd.tar", "w") as tar:
        for name, kind, target in (
            ("device.jpg", tarfile.CHRTYPE, ""),
            ("pipe.jpg", tarfile.FIFOTYPE, ""),
            ("itself.jpg", tarfile.SYMTYPE, "itself.jpg"),
            ("out.jpg", tarfile.SYMTYPE, "/etc/passwd"),
        ):
            member = tarfile.TarInfo(name)
            member.type, member.linkname = kind, target
            tar.addfile(member)
    names = list(ImageFiles([str(tmp_path / "odd.tar")]))
    assert len(names) == 4
    for name in names:
        with pytest.raises(ImageError):
            sources.load(name)


def test_a_member_that_unpacks_to_gigabytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("a.png", PICTURE + bytes(10_000_000))
    monkeypatch.setattr(images, "LoadSettings", functools.partial(images.LoadSettings, max_bytes=1_000_000))
    (name,) = ImageFiles([str(tmp_path / "bomb.zip")])
    with pytest.raises(ImageError, match="more than the 1000000 bytes allowed"):
        sources.load(name)


@pytest.fixture
def memory() -> Iterator[Any]:
    files = fsspec.filesystem("memory")
    for name, data in MEMBERS.items():
        files.pipe_file(f"/photos/{name}", data)
    yield files
    files.rm("/photos", recursive=True)


def test_a_store(memory: Any, caplog: pytest.LogCaptureFixture) -> None:
    everything = [f"memory://photos/{name}" for name in FOUND]
    assert list(ImageFiles(["memory://photos"])) == everything
    assert list(ImageFiles(["memory://photos/"])) == everything
    assert list(ImageFiles(["memory://photos/sub/deep"])) == everything[1:3]
    assert list(ImageFiles(["memory://photos/sub/*"])) == everything[3:4]
    assert list(ImageFiles(["memory://photos/**/*.png"])) == [everything[0], everything[3], everything[4]]
    assert sources.load(everything[4]).pixels.shape == (40, 60, 3)
    files = ImageFiles(["memory://photos/*.gif"])
    assert list(files) == []
    assert "no picture there" in caplog.text


def test_an_archive_in_a_store(memory: Any, folder: Path) -> None:
    memory.pipe_file("/photos/all.zip", pack(folder, ".zip").read_bytes())
    found = list(ImageFiles(["memory://photos/all.zip"]))
    assert found == [f"zip://{name}::memory://photos/all.zip" for name in FOUND]
    assert sources.load(found[-1]).pixels.shape == (40, 60, 3)


@pytest.fixture
def server(folder: Path) -> Iterator[str]:
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=folder)) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()


def test_a_web_server(server: str, folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    pytest.importorskip("aiohttp")
    found = list(ImageFiles([f"{server}/"]))
    assert len(found) == len(FOUND)
    assert f"{server}/sub/%D1%84%D0%BE%D1%82%D0%BE%201.png" in found
    assert list(ImageFiles([f"{server}/sub/deep/"])) == [f"{server}/sub/deep/{name}" for name in ("b.jpg", "empty.jpg")]
    assert sources.load(f"{server}/z.png?size=full").sha256 == images.load(folder / "z.png").sha256
    with pytest.raises(ImageError, match=r"absent\.jpg: no such file"):
        sources.load(f"{server}/absent.jpg")
    files = ImageFiles([f"{server}/absent/"])
    assert list(files) == []
    assert (files.unreadable, "no such file" in caplog.text) == (1, True)


def test_every_image_has_a_record(server: str, fake_reader: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("aiohttp")
    monkeypatch.setattr(Job, "reader", lambda self: fake_reader())
    records = list(read_records(Job(), ImageFiles([f"{server}/sub/", f"{server}/absent.jpg"]), 1))
    assert [record.error is None for record in records] == [True, False, False, False]
    assert all(record.filename in (record.error or record.filename) for record in records)


def test_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name == "fsspec":
            raise ImportError("No module named 'fsspec'")
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(UsageError, match=r"s3://bucket/: No module named 'fsspec'; .*classic-anpr\[remote\]"):
        list(ImageFiles(["s3://bucket/"]))


def test_a_service_whose_package_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(scheme: str) -> None:
        raise ImportError("Install s3fs to access S3")

    monkeypatch.setattr(fsspec, "get_filesystem_class", missing)
    with pytest.raises(UsageError, match=r"s3://bucket/a.jpg: Install s3fs .*classic-anpr\[remote\]"):
        sources.load("s3://bucket/a.jpg")


def test_wrong_urls() -> None:
    with pytest.raises(UsageError, match="nonsense"):
        list(ImageFiles(["nonsense://host/"]))
    for url in ("sftp://me:secret@host/a/", "zip://a::https://me:secret@host/a.zip"):
        with pytest.raises(UsageError, match="a password in a URL") as caught:
            list(ImageFiles([url]))
        assert "secret" not in str(caught.value)


def test_local_files_need_no_fsspec(folder: Path) -> None:
    import subprocess
    import sys

    code = f"""
import sys
from classic_anpr.batch import ImageFiles, sources
assert sources.load([*ImageFiles([{str(folder)!r}])][-1]).pixels.shape == (40, 60, 3)
print("fsspec" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_a_file_may_be_called_like_a_url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "s3:").mkdir()
    (tmp_path / "s3:" / "a.png").write_bytes(PICTURE)
    assert list(ImageFiles(["s3://a.png"])) == ["s3://a.png"]
    assert sources.load("s3://a.png").pixels.shape == (40, 60, 3)
