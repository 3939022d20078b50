# SPDX-License-Identifier: Apache-2.0
"""What the benchmarks run against: both services, real servers, nginx beside them, and many accounts."""

from __future__ import annotations

import json
import os
import re
import subprocess
import time
import uuid
from pathlib import Path

import httpx
import jwt
from cryptography.hazmat.primitives import serialization

from harness.client import Api
from harness.packages import REPOSITORY, find_program, library_path
from harness.processes import free_port
from harness.service import Service
from harness.stack import ADMIN_EMAIL, DistributedStack
from harness.stack import ADMIN_PASSWORD as PASSWORD  # whose hash all made accounts share

REPORT = """
function done(summary, latency, requests)
  local e = summary.errors
  io.write(string.format('RESULT %d %d %d\\n', summary.requests, e.status, e.connect + e.read + e.write + e.timeout))
end
"""


class World:
    def __init__(self, preset: str) -> None:
        self.programs = REPOSITORY / "build" / preset / "bin" / "bench"
        self.stack = DistributedStack(preset, {"HTTP_UNLIMITED_CLIENTS": "127.0.0.0/8"})
        self.user: Service = self.stack.user_service
        self.notification: Service = self.stack.notification_service
        self.postgres = self.stack.servers["postgres"]
        self.cores = len(os.sched_getaffinity(0))
        self.api = Api(self.stack)

    @property
    def directory(self) -> Path:
        return self.stack.session.directory

    def close(self) -> None:
        self.api.close()
        self.stack.close()

    def environment(self) -> dict[str, str]:
        """In which our own benchmark programs find the database."""
        kept = {key: value for key, value in self.user.env.items() if key.startswith(("DB_", "APP_"))}
        return {"PATH": os.environ["PATH"], **kept}

    def program(self, name: str, *arguments: object) -> float:
        """Runs a benchmark program, which prints one number."""
        command = [str(self.programs / name), *map(str, arguments)]
        return float(subprocess.run(command, env=self.environment(), capture_output=True, text=True, check=True, timeout=120).stdout)

    def pgbench(self, script: str, seconds: float, clients: int, *options: str) -> float:
        """Transactions per second of a pgbench script, prepared."""
        path = self.directory / "script.pgbench"
        path.write_text(script)
        where = ["-h", self.postgres.host, "-p", str(self.postgres.port), "-U", self.postgres.user]
        how = ["-n", "-M", "prepared", "-T", str(round(seconds)), "-c", str(clients), "-j", str(min(clients, self.cores)), "-f", str(path)]
        env = {**self.postgres._env(), "PGPASSWORD": self.postgres.password, "PGOPTIONS": "-c search_path=user_service"}
        command = [str(self.postgres.programs / "pgbench"), *where, *how, *options, self.postgres.database]
        done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=120, check=False)
        found = re.search(r"tps = ([\d.]+)", done.stdout)
        if done.returncode != 0 or not found:
            raise RuntimeError(f"pgbench: {done.stdout}{done.stderr}")
        return float(found[1])

    def sql(self, statement: str) -> str:
        return self.postgres.run_sql(f"set search_path to user_service; {statement}")

    def make_accounts(self, count: int) -> list[str]:
        """Accounts in one go, which share PASSWORD; returns their addresses."""
        mark = uuid.uuid4().hex[:8]
        self.sql(
            "insert into accounts (id, email, email_key, name, locale, password_hash, status, roles, version, event_sequence, created_at,"
            f" updated_at) select gen_random_uuid(), '{mark}.' || n || '@example.com', '{mark}.' || n || '@example.com', 'Siti Aminah',"
            f" 'id', password_hash, 'active', 'customer', 1, 1, now(), now() from accounts, generate_series(1, {count}) n"
            f" where accounts.email = '{ADMIN_EMAIL}'"
        )
        self.sql("analyze accounts")
        return [f"{mark}.{number}@example.com" for number in range(1, count + 1)]

    def make_tokens(self, emails: list[str]) -> list[str]:
        """Access tokens of sessions made in one go, signed with the service's own key: what as many logins would give."""
        mark = emails[0].split(".")[0]
        self.sql(
            f"insert into sessions (id, account_id, created_at, expires_at) select gen_random_uuid(), id, now(), now() + interval '1 day'"
            f" from accounts where email like '{mark}.%'"
        )
        rows = self.sql(f"select s.id || ' ' || a.id from sessions s join accounts a on a.id = s.account_id where a.email like '{mark}.%'")
        good = self.api.must_log_in(emails[0], PASSWORD)["access_token"]
        header = jwt.get_unverified_header(good)
        claims = jwt.decode(good, options={"verify_signature": False})
        pem = (self.stack.keys_directory / f"{header['kid']}.pem").read_bytes()
        key = serialization.load_pem_private_key(pem, None)
        now = int(time.time())
        made = []
        for row in rows.splitlines():
            session, account = row.split()
            own = {**claims, "sid": session, "sub": account, "iat": now, "exp": now + 600, "jti": str(uuid.uuid4())}
            made.append(jwt.encode(own, key, "ES256", headers={"typ": "at+jwt", "kid": header["kid"]}))
        return made

    def start_nginx(self, body: bytes):
        """nginx, one worker, access log on, serving `body` as a file; returns its process and its URL."""
        program = find_program("/usr/sbin/nginx", "usr/sbin/nginx")
        port, folder = free_port(), self.directory / "nginx"
        (folder / "files").mkdir(parents=True)
        folder.chmod(0o755)
        (folder / "files" / "profile.json").write_bytes(body)
        as_root = "user root;" if os.geteuid() == 0 else ""
        temporary = "".join(f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        (folder / "nginx.conf").write_text(
            f"{as_root} worker_processes 1; daemon off; pid {folder}/pid; error_log {folder}/error.log;"
            "events { worker_connections 2048; }"
            f"http {{ access_log {folder}/access.log; types {{ application/json json; }} {temporary} sendfile on;"
            f" keepalive_requests 100000000; server {{ listen 127.0.0.1:{port}; root {folder}/files; }} }}"
        )
        command = [str(program), "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")]
        env = {"PATH": os.environ["PATH"], **library_path(program)}
        process = self.stack.session.spawn(command, log=folder / "log", env=env)
        url = f"http://127.0.0.1:{port}/profile.json"
        deadline = time.monotonic() + 10
        while True:
            try:
                assert httpx.get(url, trust_env=False).content == body
                return process, url
            except httpx.TransportError:
                if time.monotonic() > deadline or process.poll() is not None:
                    raise RuntimeError(f"nginx does not answer: {(folder / 'error.log').read_text()}") from None
                time.sleep(0.02)

    def wrk(self, url: str, seconds: float, connections: int, script: str = "", data: object = None) -> float:
        """Runs wrk on one thread; `script` is Lua and finds `data` in the table `data`. Returns the number of good answers."""
        path = self.directory / "script.lua"
        path.write_text(f"local data = {to_lua(data)}\n{script}\n{REPORT}")
        command = ["wrk", "-t", "1", "-c", str(connections), "-d", f"{seconds}s", "--timeout", "10s", "-s", str(path), url]
        done = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 60, check=False)
        found = re.search(r"RESULT (\d+) (\d+) (\d+)", done.stdout)
        if done.returncode != 0 or not found:
            raise RuntimeError(f"wrk: {done.stdout}{done.stderr}")
        answered, refused, broken = map(int, found.groups())
        if broken or refused > 0.001 * answered:
            raise RuntimeError(f"{url}: of {answered} answers {refused} were not 2xx; {broken} requests broke")
        return answered - refused


def to_lua(value: object) -> str:
    if value is None:
        return "{}"
    if isinstance(value, dict):
        return "{" + ",".join(f"[{json.dumps(key)}]={to_lua(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "{" + ",".join(map(to_lua, value)) + "}"
    return json.dumps(value)
