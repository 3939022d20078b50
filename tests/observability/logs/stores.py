# SPDX-License-Identifier: Apache-2.0
"""A real Elasticsearch or OpenSearch, and the door in front of it that counts what shippers bring."""

from __future__ import annotations

import contextlib
import http.server
import os
import subprocess
import threading

import httpx

from harness.client import wait_until
from harness.log_lines import LOGS
from harness.processes import Session, free_port
from harness.server import base_environment

LINES, FAILURES = "micro-sayur-logs", "micro-sayur-logs-parse_failure"
NOT_YET = (404, 503)  # there is no such index, or its shard is only being opened
# What the deployments call each: the lab's Elasticsearch is one without X-Pack, the lab's OpenSearch one without plugins.
KINDS = {"elasticsearch": "plain", "opensearch": "opensearch"}


class Store:
    """One node on 127.0.0.1, set up as docs/operations/log-shipping.md says. Its data survive `stop`."""

    def __init__(self, session: Session, kind: str, program: str) -> None:
        self.session, self.kind, self.program = session, kind, program
        self.port, self.inner_port = free_port(), free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.home = session.directory / f"{kind}-{self.port}"
        self.home.mkdir()
        self.client = httpx.Client(base_url=self.url, trust_env=False, timeout=30)
        self.start()
        self.set_up()

    def start(self) -> None:
        settings = {"network.host": "127.0.0.1", "http.port": str(self.port), "transport.port": str(self.inner_port)}
        env = base_environment(self.home) | settings | {"ES_JAVA_OPTS": "-Xms384m -Xmx384m", "OPENSEARCH_JAVA_OPTS": "-Xms384m -Xmx384m"}
        self.process = self.session.spawn([f"{self.program}/run", str(self.home)], log=self.home / "out", env=env)
        wait_until(self.answers, 120, f"{self.kind}'s answer")

    def answers(self) -> bool:
        assert self.process.poll() is None, (self.home / "out").read_text()[-3000:]
        with contextlib.suppress(httpx.TransportError):
            return self.client.get("/_cluster/health").json().get("status") in ("yellow", "green")
        return False

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(60)

    def set_up(self) -> None:
        env = os.environ | {"LIFECYCLE": "none"}
        script = LOGS / "elasticsearch" / "setup.sh"
        done = subprocess.run([script, self.url, KINDS[self.kind]], env=env, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stdout + done.stderr

    def search(self, index: str, query: dict, **body) -> list[dict]:
        """The documents, by time, at most 10,000; none while there is no index."""
        asked = {"query": query, "size": 10_000, "sort": [{"@timestamp": "asc"}], **body}
        self.client.post(f"/{index}/_refresh")
        answer = self.client.post(f"/{index}/_search", json=asked)
        return [] if answer.status_code in NOT_YET else [hit["_source"] for hit in answer.raise_for_status().json()["hits"]["hits"]]

    def count(self, index: str, query: dict) -> int:
        self.client.post(f"/{index}/_refresh")
        answer = self.client.post(f"/{index}/_count", json={"query": query})
        return 0 if answer.status_code in NOT_YET else answer.raise_for_status().json()["count"]

    def documents(self, index: str) -> list[dict]:
        """Every one."""
        self.client.post(f"/{index}/_refresh")
        found, after = [], {}
        while True:
            body = {"size": 5000, "sort": [{"@timestamp": "asc"}, {"_id": "asc"}], **after}
            answer = self.client.post(f"/{index}/_search", json=body)
            hits = [] if answer.status_code in NOT_YET else answer.raise_for_status().json()["hits"]["hits"]
            if not hits:
                return found
            found += [hit["_source"] for hit in hits]
            after = {"search_after": hits[-1]["sort"]}

    def close(self) -> None:
        self.client.close()
        if self.process.poll() is None:
            self.stop()


class Door:
    """Forwards to the store and counts: `created` and `known` lines (those that were there already), by the store's own answers. After
    `lose_an_answer` the next batch reaches the store, and its sender never learns that. While it is `shut` nothing passes."""

    def __init__(self, store: Store) -> None:
        self.created = self.known = self.lost_answers = 0
        self.shut = threading.Event()
        self._lose = threading.Event()
        self._lock = threading.Lock()
        door = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                kept = {name: self.headers[name] for name in ("Content-Type", "Content-Encoding") if name in self.headers}
                if door.shut.is_set():
                    self.close_connection = True
                    return
                try:
                    answer = httpx.request(self.command, store.url + self.path, content=body, headers=kept, timeout=60, trust_env=False)
                except httpx.TransportError:
                    self.close_connection = True  # the store is away
                    return
                if "_bulk" in self.path and door.count(answer):
                    self.close_connection = True
                    return
                self.send_response(answer.status_code)
                self.send_header("Content-Type", answer.headers.get("content-type", "application/json"))
                self.send_header("Content-Length", str(len(answer.content)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(answer.content)

            do_GET = do_POST = do_PUT = do_HEAD = do

            def log_message(self, *_: object) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def count(self, answer: httpx.Response) -> bool:
        """Of one batch; whether its answer is to be lost."""
        states = [next(iter(item.values()))["status"] for item in answer.json().get("items", [])] if answer.status_code == 200 else []
        with self._lock:
            self.created += states.count(201)
            self.known += states.count(409)
            if 201 in states and self._lose.is_set():
                self._lose.clear()
                self.lost_answers += 1
                return True
        return False

    def lose_an_answer(self) -> None:
        self._lose.set()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
