#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A service of another team, as small as it can be: it verifies our access tokens and consumes our events.

    pip install "pyjwt[crypto]" pika
    JWKS_URL=http://127.0.0.1:8080/.well-known/jwks.json AMQP_URL=amqp://user:password@127.0.0.1:5672/%2F python3 loyalty_service.py

GET /points with a token answers with the caller's points; whoever registers gets ten, whoever is deleted is forgotten.
"""

import json
import os
import threading
from collections import OrderedDict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import jwt
import pika

ISSUER = os.environ.get("JWT_ISSUER", "micro-sayur")
AUDIENCE = os.environ.get("JWT_AUDIENCE", "micro-sayur")
QUEUE = "loyalty-service"
REMEMBERED_EVENTS = 100_000

keys = jwt.PyJWKClient(os.environ["JWKS_URL"], cache_keys=True, lifespan=300, timeout=5)
points: dict[str, int] = {}  # a real service keeps both in one database, and writes both in one transaction
seen: OrderedDict[tuple[str, str], None] = OrderedDict()


def verify(token: str) -> dict:
    """The claims; raises jwt.PyJWTError. Algorithm, type, issuer, audience and times are all looked at (RFC 9068 section 4)."""
    claims = jwt.decode(
        token,
        keys.get_signing_key_from_jwt(token),
        algorithms=["ES256"],
        issuer=ISSUER,
        audience=AUDIENCE,
        leeway=30,
        options={"require": ["iss", "aud", "sub", "exp", "iat", "jti", "client_id"]},
    )
    if jwt.get_unverified_header(token).get("typ", "").lower().removeprefix("application/") != "at+jwt":
        raise jwt.InvalidTokenError("this is no access token")
    return claims


def apply(event: dict) -> None:
    """Events come at least once: one that comes again, by source and id, changes nothing. Unknown types are not ours."""
    key = (event["source"], event["id"])
    if key in seen:
        return
    if event["type"] == "user.registered":
        points[event["data"]["user_id"]] = points.get(event["data"]["user_id"], 0) + 10
    elif event["type"] == "user.deleted":
        points.pop(event["data"]["user_id"], None)
    seen[key] = None
    if len(seen) > REMEMBERED_EVENTS:
        seen.popitem(last=False)


def on_message(channel, method, _properties, body: bytes) -> None:
    try:
        apply(json.loads(body))
    except (ValueError, KeyError, TypeError) as error:
        print(f"dead letter: {error!r}", flush=True)
        channel.basic_nack(method.delivery_tag, requeue=False)
    else:
        channel.basic_ack(method.delivery_tag)


def consume() -> None:
    connection = pika.BlockingConnection(pika.URLParameters(os.environ["AMQP_URL"]))
    channel = connection.channel()
    channel.exchange_declare("micro-sayur", "topic", durable=True)
    channel.queue_declare(QUEUE, durable=True, arguments={"x-queue-type": "quorum"})
    for kind in ("user.registered", "user.deleted"):
        channel.queue_bind(QUEUE, "micro-sayur", kind)
    channel.basic_qos(prefetch_count=50)
    channel.basic_consume(QUEUE, on_message)
    print("consuming", flush=True)
    channel.start_consuming()


def consume_or_die() -> None:
    """Without its events the service must not go on as if nothing were wrong: it ends, and its supervisor starts it again."""
    try:
        consume()
    except Exception as error:
        print(f"the broker is lost: {error!r}", flush=True)
        os._exit(1)


class Handler(BaseHTTPRequestHandler):
    timeout = 10

    def do_GET(self) -> None:
        if self.path != "/points":
            return self.answer(404, {"title": "Not found"})
        scheme, _, token = self.headers.get("Authorization", "").partition(" ")
        try:
            if scheme.lower() != "bearer":
                raise jwt.InvalidTokenError("there is no bearer token")
            claims = verify(token.strip(" "))
        except jwt.PyJWKClientConnectionError:
            return self.answer(503, {"title": "The keys cannot be had"})
        except jwt.PyJWTError as error:
            return self.answer(401, {"title": str(error)})
        return self.answer(200, {"user_id": claims["sub"], "points": points.get(claims["sub"], 0)})

    def answer(self, status: int, body: dict) -> None:
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        if status == 401:
            self.send_header("WWW-Authenticate", "Bearer")
        self.end_headers()
        self.wfile.write(text)


if __name__ == "__main__":
    threading.Thread(target=consume_or_die, daemon=True).start()
    server = ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("PORT", "8090"))), Handler)
    print(f"listening on http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()
