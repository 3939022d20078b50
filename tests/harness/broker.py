# SPDX-License-Identifier: Apache-2.0
"""The broker as a bystander sees it: a queue of one's own beside the services'."""

from __future__ import annotations

import json
import time

import pika

from .rabbitmq import RabbitMQ

EXCHANGE = "micro-sayur"


class Bystander:
    """A connection to the broker, and a queue that gets what is published with the wanted routing key."""

    def __init__(self, broker: RabbitMQ, routing_key: str = "user.#") -> None:
        credentials = pika.PlainCredentials(broker.user, broker.password)
        parameters = pika.ConnectionParameters(broker.host, broker.port, broker.vhost, credentials, heartbeat=0)
        self.connection = pika.BlockingConnection(parameters)
        self.channel = self.connection.channel()
        self.queue = self.channel.queue_declare("", exclusive=True).method.queue
        self.channel.queue_bind(self.queue, EXCHANGE, routing_key)

    def publish(self, routing_key: str, body: bytes | dict, headers: dict | None = None) -> None:
        """Persistent, to the services' exchange."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        properties = pika.BasicProperties(delivery_mode=2, content_type="application/cloudevents+json", headers=headers)
        self.channel.basic_publish(EXCHANGE, routing_key, raw, properties)

    def wait_for(self, wanted, queue: str | None = None, seconds: float = 20):
        """The first message (properties, body) for which `wanted(properties, body)` holds; others are dropped."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            method, properties, body = self.channel.basic_get(queue or self.queue, auto_ack=True)
            if method is not None and wanted(properties, body):
                return method, properties, body
            if method is None:
                self.connection.sleep(0.02)
        raise AssertionError(f"no such message in {queue or 'the queue'} within {seconds} s")

    def close(self) -> None:
        self.connection.close()
