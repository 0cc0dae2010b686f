"""Records to an MQTT broker: one of the few lines that are needed here, on this machine."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import pytest

pytest.importorskip("paho.mqtt", reason="paho-mqtt is not installed")

from classic_anpr.errors import UsageError
from classic_anpr.notify import make_hooks
from classic_anpr.notify.courier import Courier
from classic_anpr.notify.mqtt import PASSWORD, USER, Mqtt
from classic_anpr.notify.spool import Spool
from classic_anpr.results import Record

CONNECT, PUBLISH, PINGREQ, DISCONNECT = 1, 3, 12, 14


class Broker:
    """Takes what is published (MQTT 3.1.1, section 3), confirms it, and passes it on to nobody.

    Attributes
    ----------
    published : list of (topic, payload, retained)
    connects : list of bytes
        The payload of each client's CONNECT: its id, will, user and password.
    code : int
        What a client that connects is answered; 0 lets it in.
    """

    def __init__(self) -> None:
        self.published: list[tuple[str, str, bool]] = []
        self.connects: list[bytes] = []
        self.code = 0
        self._clients: list[socket.socket] = []
        self._address = ("127.0.0.1", 0)
        self.start()
        self.port = self._address[1]

    def start(self) -> None:
        self._socket = socket.create_server(self._address)
        self._address = self._socket.getsockname()
        threading.Thread(target=self._accept, args=(self._socket,), daemon=True).start()

    def stop(self) -> None:
        for one in (self._socket, *self._clients):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def topic(self, topic: str) -> list[object]:
        """What was published under a topic, read as JSON where it is that."""
        return [json.loads(p) if p[:1] == "{" else p for t, p, _ in self.published if t == topic]

    def _accept(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                client, _ = listener.accept()
                self._clients.append(client)
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with suppress(OSError, IndexError), client.makefile("rb") as stream:
            while True:
                first = stream.read(1)[0]
                body = stream.read(_length(stream))
                if first >> 4 == CONNECT:
                    self.connects.append(body[10:])
                    client.sendall(bytes([0x20, 2, 0, self.code]))
                elif first >> 4 == PUBLISH:
                    end = 2 + int.from_bytes(body[:2], "big")
                    self.published.append((body[2:end].decode(), body[end + 2 :].decode(), bool(first & 1)))
                    client.sendall(bytes([0x40, 2]) + body[end : end + 2])
                elif first >> 4 == PINGREQ:
                    client.sendall(bytes([0xD0, 0]))
                elif first >> 4 == DISCONNECT:
                    return


def _length(stream: BinaryIO) -> int:
    """The remaining length of a packet: seven bits a byte, the lowest first."""
    length = shift = 0
    while True:
        byte = stream.read(1)[0]
        length |= (byte & 0x7F) << shift
        if byte < 0x80:
            return length
        shift += 7


@pytest.fixture
def broker() -> Iterator[Broker]:
    broker = Broker()
    yield broker
    broker.stop()


def until(true: Callable[[], object]) -> None:
    end = time.monotonic() + 30
    while not true():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.005)


def test_topics(broker: Broker, tmp_path: Path, record: Record) -> None:
    with make_hooks(None, f"mqtt://127.0.0.1:{broker.port}/gates/north", tmp_path) as out:
        out.send(record)
        out.send(replace(record, filename="empty.jpg", plates=()))
    assert broker.topic("gates/north/available") == ["online", "offline"]
    first, second = broker.topic("gates/north/records")
    assert isinstance(first, dict)
    assert isinstance(second, dict)
    assert first == {"id": first["id"], **json.loads(json.dumps(record.to_dict()))}
    assert (second["filename"], second["plates"]) == ("empty.jpg", [])
    (plate,) = broker.topic("gates/north/plates/A123BC777")
    assert isinstance(plate, dict)
    assert (plate["text"], plate["formatted"], plate["country"]) == ("A123BC777", "A 123 BC 777", "ru")
    assert (plate["id"], plate["filename"]) == (first["id"], record.filename)
    assert broker.topic("gates/north/plate") == [plate]
    retained = {topic for topic, _, kept in broker.published if kept}
    assert retained == {
        "gates/north/available",
        "gates/north/plate",
        "homeassistant/sensor/gates_north/config",
    }


def test_home_assistant_is_told_of_a_sensor_that_finds_its_state(
    broker: Broker, tmp_path: Path, record: Record
) -> None:
    with make_hooks(None, f"mqtt://127.0.0.1:{broker.port}", tmp_path) as out:
        out.send(record)
    (sensor,) = broker.topic("homeassistant/sensor/classic-anpr/config")
    assert isinstance(sensor, dict)
    (state,) = broker.topic(sensor["state_topic"])
    assert isinstance(state, dict)
    assert sensor["value_template"] == "{{ value_json.text }}"
    assert state["text"] == "A123BC777"
    assert broker.topic(sensor["availability_topic"]) == ["online", "offline"]
    # The broker says offline itself if this process is killed: that is the will, behind the client's id.
    assert b"\0\x16classic-anpr/available\0\x07offline" in broker.connects[0]


def test_nothing_is_lost_while_the_broker_is_down_and_the_order_is_kept(
    broker: Broker, tmp_path: Path, record: Record
) -> None:
    records = [replace(record, filename=f"{i}.jpg") for i in range(20)]
    receiver = Mqtt(f"mqtt://127.0.0.1:{broker.port}/gate")
    with Courier(receiver, Spool(tmp_path), first_delay=0.02) as out:
        for one in records[:5]:
            out.send(one)
        until(lambda: len(broker.topic("gate/records")) == 5)
        broker.stop()
        for one in records[5:]:
            out.send(one)
        broker.start()
        until(lambda: len({document["id"] for document in broker.topic("gate/records")}) == 20)  # type: ignore[index]
    names = [document["filename"] for document in broker.topic("gate/records")]  # type: ignore[index]
    # At least once: what the broken connection left in doubt may come twice, but in its place.
    assert list(dict.fromkeys(names)) == [one.filename for one in records]
    assert list(tmp_path.glob("*.json")) == []


def test_a_broker_that_does_not_let_us_in_is_quoted(
    broker: Broker, tmp_path: Path, record: Record, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    broker.code = 5
    monkeypatch.setenv(USER, "anpr")
    monkeypatch.setenv(PASSWORD, "sesame")
    with Courier(Mqtt(f"mqtt://127.0.0.1:{broker.port}"), Spool(tmp_path), first_delay=0.02, patience=0.1) as out:
        out.send(record)
        until(lambda: "Not authorized" in caplog.text)
    assert broker.connects[0].endswith(b"\0\x04anpr\0\x06sesame")
    assert broker.published == []
    assert len(list(tmp_path.glob("*.json"))) == 1
    assert "sesame" not in caplog.text


@pytest.mark.parametrize(
    "url", ["http://host", "mqtt://", "mqtt://host:no", "mqtt://me:secret@host", "mqtt://host/a/+"]
)
def test_wrong_urls_are_refused_without_repeating_a_password(url: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"^--mqtt: ") as caught:
        make_hooks(None, url, tmp_path)
    assert "secret" not in str(caught.value)
