"""Records by HTTP POST, to a server on this machine that is down, slow, or has something against them."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from classic_anpr.errors import UsageError
from classic_anpr.notify import Hooks, make_hooks
from classic_anpr.notify.courier import Courier
from classic_anpr.notify.spool import Spool, make_message
from classic_anpr.notify.webhook import TOKEN, Webhook
from classic_anpr.results import Record


class Server:
    """Remembers what it is sent; `answers` holds what it answers, in turn, before it says 200 to all."""

    def __init__(self) -> None:
        self.received: list[dict[str, object]] = []
        self.headers: list[dict[str, str]] = []
        self.answers: list[int] = []
        self._server: ThreadingHTTPServer | None = None
        self._address = ("127.0.0.1", 0)
        self.start()
        self.url = f"http://127.0.0.1:{self._address[1]}/plates"

    def start(self) -> None:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                answer = outer.answers.pop(0) if outer.answers else 200
                if answer == 200:
                    outer.received.append(json.loads(body))
                    outer.headers.append(dict(self.headers))
                self.send_response(answer)
                self.send_header("Content-Length", "0")
                self.send_header("Location", "/elsewhere")
                self.end_headers()

            def do_GET(self) -> None:
                raise AssertionError("nothing is to be fetched")

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(self._address, Handler)
        self._address = self._server.server_address[:2]  # type: ignore[assignment]
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def stop(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.stop()


@pytest.fixture
def hooks(server: Server, tmp_path: Path) -> Callable[[], Hooks]:
    """Makes hooks that are as patient as a test is; all share one folder."""

    def make() -> Hooks:
        return Hooks([Courier(Webhook(server.url), Spool(tmp_path / "spool"), first_delay=0.02, patience=0.2)])

    return make


def records(count: int, record: Record) -> list[Record]:
    return [replace(record, filename=f"{i}.jpg") for i in range(count)]


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not true():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.005)


def names(server: Server) -> list[object]:
    return [document["filename"] for document in server.received]


def waiting(tmp_path: Path) -> list[str]:
    return sorted(path.name for path in (tmp_path / "spool").glob("*.json"))


def test_the_whole_record_arrives_with_its_id(server: Server, hooks: Callable[[], Hooks], record: Record) -> None:
    with hooks() as out:
        out.send(record)
    (document,), (headers,) = server.received, server.headers
    assert document.pop("id") == headers["Idempotency-Key"] == make_message(record).id
    assert document == json.loads(json.dumps(record.to_dict()))
    assert headers["Content-Type"] == "application/json"
    assert "Authorization" not in headers


def test_nothing_is_lost_while_the_server_is_down_and_the_order_is_kept(
    server: Server, hooks: Callable[[], Hooks], record: Record, tmp_path: Path
) -> None:
    all_records = records(30, record)
    with hooks() as out:
        for one in all_records[:10]:
            out.send(one)
        until(lambda: not waiting(tmp_path))
        server.stop()
        for one in all_records[10:20]:
            out.send(one)
        assert len(waiting(tmp_path)) == 10
        server.start()
        for one in all_records[20:]:
            out.send(one)
        until(lambda: len(server.received) >= 30)
    assert names(server) == [one.filename for one in all_records]
    assert waiting(tmp_path) == []


def test_what_could_not_be_delivered_is_delivered_first_by_the_next_run(
    server: Server, hooks: Callable[[], Hooks], record: Record, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    server.stop()
    with hooks() as out:
        for one in records(3, record):
            out.send(one)
    assert len(waiting(tmp_path)) == 3
    assert f"{server.url}: 3 records wait in {tmp_path / 'spool'} for the next run" in caplog.text
    server.start()
    with hooks() as out:
        out.send(replace(record, filename="new.jpg"))
    assert names(server) == ["0.jpg", "1.jpg", "2.jpg", "new.jpg"]
    assert waiting(tmp_path) == []


def test_a_process_that_is_killed_between_delivery_and_deletion_sends_again_with_the_same_id(
    server: Server, hooks: Callable[[], Hooks], record: Record, tmp_path: Path
) -> None:
    server.stop()
    with hooks() as out:
        out.send(record)
    (name,) = waiting(tmp_path)
    content = (tmp_path / "spool" / name).read_bytes()
    server.start()
    with hooks():
        pass
    (tmp_path / "spool" / name).write_bytes(content)  # As if it had not come to its deletion.
    (tmp_path / "spool" / name).with_suffix(".part").write_text("half a rec")
    with hooks():
        pass
    first, second = server.received
    assert first == second
    assert list((tmp_path / "spool").glob("0*")) == []


@pytest.mark.parametrize("answer", [301, 303, 401, 404, 429, 500, 503])
def test_what_may_be_mended_is_tried_again(
    server: Server, hooks: Callable[[], Hooks], record: Record, answer: int, caplog: pytest.LogCaptureFixture
) -> None:
    server.answers = [answer, answer]
    with hooks() as out:
        for one in records(2, record):
            out.send(one)
        until(lambda: len(server.received) == 2)
    assert names(server) == ["0.jpg", "1.jpg"]
    (warning,) = [entry.message for entry in caplog.records if entry.levelno >= logging.WARNING]
    assert warning.startswith(f"{server.url}: the server answers {answer}")


@pytest.mark.parametrize("answer", [400, 413, 422])
def test_a_record_that_the_server_does_not_want_is_put_aside_and_holds_up_no_other(
    server: Server, hooks: Callable[[], Hooks], record: Record, answer: int, tmp_path: Path
) -> None:
    server.answers = [answer]
    with hooks() as out:
        for one in records(2, record):
            out.send(one)
    assert names(server) == ["1.jpg"]
    (aside,) = (tmp_path / "spool" / "refused").iterdir()
    assert json.loads(aside.read_text())["filename"] == "0.jpg"


def test_a_slow_server_holds_nothing_up(
    server: Server, hooks: Callable[[], Hooks], record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = threading.Event()
    monkeypatch.setattr(Webhook, "deliver", lambda *_: free.wait(10))
    with hooks() as out:
        for one in records(20, record):
            out.send(one)  # Would not come to an end if it waited.
        free.set()


def test_the_token_comes_from_the_environment(
    server: Server, hooks: Callable[[], Hooks], record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(TOKEN, "sesame")
    with hooks() as out:
        out.send(record)
    assert server.headers[0]["Authorization"] == "Bearer sesame"


def test_two_runs_cannot_use_one_folder(hooks: Callable[[], Hooks]) -> None:
    with hooks(), pytest.raises(UsageError, match="another run sends from this folder"), hooks():
        pass


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="file"), make_hooks("http://localhost/", None, tmp_path / "file"):
        pass


@pytest.mark.parametrize("url", ["file:///etc/passwd", "http://", "localhost:80", "http://me:secret@host/"])
def test_wrong_urls_are_refused_without_repeating_a_password(url: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"^--webhook: ") as caught:
        make_hooks(url, None, tmp_path)
    assert "secret" not in str(caught.value)


def test_the_id_is_of_what_was_read_and_not_of_how_long_it_took(record: Record) -> None:
    assert make_message(record).id == make_message(replace(record, timings_ms={"ocr": 99.0})).id
    assert make_message(record).id != make_message(replace(record, filename="other.jpg")).id


def test_a_name_that_is_no_utf8_gets_through(server: Server, hooks: Callable[[], Hooks], record: Record) -> None:
    with hooks() as out:
        out.send(replace(record, filename="\udcff.jpg"))
    assert names(server) == ["\udcff.jpg"]
