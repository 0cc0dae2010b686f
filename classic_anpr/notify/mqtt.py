"""Records to an MQTT broker, by the customs of Frigate and Home Assistant.

With ``mqtt://host/gate`` as URL, ``gate`` is in front of all topics of ours (``classic-anpr`` if left out):

``gate/available``
    ``online`` or, once this process is gone, ``offline``; retained.
``gate/records``
    Every record, as in JSON lines, with its ``id``.
``gate/plates/A123BC777``
    What is known of this plate whenever it was read; not retained, since a broker is no archive of who passed.
``gate/plate``
    The same of the last plate of all; retained. The state of the sensor "Last plate" in Home Assistant.
``homeassistant/sensor/gate/config``
    Tells Home Assistant of that sensor (MQTT discovery); retained.
"""

from __future__ import annotations

import json
import os
import re
import threading
from typing import Any
from urllib.parse import unquote, urlsplit

from classic_anpr import __version__
from classic_anpr.errors import UsageError
from classic_anpr.notify.courier import NotNow
from classic_anpr.notify.spool import Message
from classic_anpr.urls import without_secrets

USER, PASSWORD = "CLASSIC_ANPR_MQTT_USER", "CLASSIC_ANPR_MQTT_PASSWORD"
"""Environment variables for brokers that want them."""

_PORTS = {"mqtt": 1883, "mqtts": 8883}
_TIMEOUT = 10.0  # seconds for the broker to answer


class Mqtt:
    """Publishes messages with quality of service 1: the broker has confirmed each before the next is sent.

    Parameters
    ----------
    url : str
        ``mqtt://host:port/prefix``, or ``mqtts://`` for TLS; user and password come from the environment.

    Raises
    ------
    UsageError
        If the URL is no such, or paho-mqtt is not installed.
    """

    def __init__(self, url: str) -> None:
        try:
            from paho.mqtt import client as paho
            from paho.mqtt.enums import CallbackAPIVersion
        except ImportError as error:
            raise UsageError("--mqtt needs paho-mqtt; this brings it: pip install 'classic-anpr[mqtt]'") from error
        self.name = without_secrets(url)
        try:
            parts = urlsplit(url)
            port = parts.port or _PORTS[parts.scheme]
        except (ValueError, KeyError):
            raise UsageError(f"--mqtt: {self.name}: a URL as in mqtt://host:1883/prefix is wanted") from None
        if not parts.hostname or "@" in parts.netloc:
            raise UsageError(
                f"--mqtt: {self.name}: a host is wanted, and no user or password: {USER} and {PASSWORD} have them"
            )
        self._prefix = unquote(parts.path).strip("/") or "classic-anpr"
        if re.search(r"[+#\0]", self._prefix):
            raise UsageError(f"--mqtt: {self.name}: a topic has no + or #")
        self._place = parts.hostname, port
        self._client = paho.Client(CallbackAPIVersion.VERSION2)
        if USER in os.environ:
            self._client.username_pw_set(os.environ[USER], os.environ.get(PASSWORD))
        if parts.scheme == "mqtts":
            self._client.tls_set()
        self._client.will_set(f"{self._prefix}/available", "offline", qos=1, retain=True)
        self._client.reconnect_delay_set(1, 60)
        self._client.on_connect = self._on_connect
        self._answered = threading.Event()
        self._refusal = ""
        self._started = False

    def deliver(self, message: Message) -> None:
        """Publish one message to its topics; raises `NotNow`."""
        self._connect()
        record = json.loads(message.body)
        for plate in record["plates"]:
            state = _state(record, plate)
            self._publish(f"plates/{plate['text']}", state)
            self._publish("plate", state, retain=True)
        self._publish("records", message.body)

    def close(self) -> None:
        if self._client.is_connected():
            self._client.publish(f"{self._prefix}/available", "offline", qos=1, retain=True).wait_for_publish(_TIMEOUT)
        self._client.disconnect()
        self._client.loop_stop()

    def _connect(self) -> None:
        """Be connected. From the first connection on, the client connects again by itself."""
        if not self._started:
            try:
                self._client.connect(*self._place)
            except OSError as error:
                raise NotNow(error.strerror or str(error)) from None
            self._client.loop_start()
            self._started = True
        self._answered.wait(_TIMEOUT)
        if not self._client.is_connected():
            raise NotNow(self._refusal or "no connection")

    def _on_connect(self, client: Any, userdata: Any, flags: Any, reason: Any, properties: Any) -> None:
        """Called by the client's thread whenever the broker has answered."""
        self._refusal = f"the broker answers: {reason}" if reason.is_failure else ""
        if not reason.is_failure:
            client.publish(f"{self._prefix}/available", "online", qos=1, retain=True)
            topic = f"homeassistant/sensor/{_identifier(self._prefix)}/config"
            client.publish(topic, json.dumps(_discovery(self._prefix)), qos=1, retain=True)
        self._answered.set()

    def _publish(self, topic: str, payload: str, retain: bool = False) -> None:
        sent = self._client.publish(f"{self._prefix}/{topic}", payload, qos=1, retain=retain)
        try:
            sent.wait_for_publish(_TIMEOUT)
        except (RuntimeError, ValueError) as error:  # The connection broke in this moment, or too much is on its way.
            raise NotNow(str(error)) from None
        if not sent.is_published():
            raise NotNow("the broker does not confirm")


def _state(record: dict[str, Any], plate: dict[str, Any]) -> str:
    """What is published of one plate: what an automation can use, without the characters one by one."""
    known = ("text", "formatted", "country", "region", "region_name", "confidence", "corners", "watched")
    where = ("id", "filename", "frame", "passage")
    state = {key: plate[key] for key in known if key in plate} | {key: record[key] for key in where if key in record}
    return json.dumps(state, ensure_ascii=False)


def _identifier(prefix: str) -> str:
    return re.sub(r"[^A-Za-z0-9_-]", "_", prefix)


def _discovery(prefix: str) -> dict[str, Any]:
    """The sensor, as Home Assistant's MQTT discovery wants it described (home-assistant.io/integrations/mqtt)."""
    return {
        "name": "Last plate",
        "unique_id": f"{_identifier(prefix)}_plate",
        "icon": "mdi:car",
        "state_topic": f"{prefix}/plate",
        "value_template": "{{ value_json.text }}",
        "json_attributes_topic": f"{prefix}/plate",
        "availability_topic": f"{prefix}/available",
        "device": {"identifiers": [_identifier(prefix)], "name": prefix, "sw_version": __version__},
        "origin": {"name": "classic-anpr", "sw_version": __version__},
    }
