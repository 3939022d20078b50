# SPDX-License-Identifier: Apache-2.0
"""P1 to P5: requests and transactions."""

from __future__ import annotations

import re

from .measure import Row, children_cpu_seconds, compare, cpu_seconds, per_cpu_second, progress, repeat
from .world import PASSWORD, World

SECONDS = 3

# Requests are made once, in init(), and sent in turn.
GETS = """
local requests, at = {}, 0
function init(args)
  for i, token in ipairs(data) do
    requests[i] = wrk.format('GET', '/api/v1/profile', {['Authorization'] = 'Bearer ' .. token})
  end
end
function request()
  at = at % #requests + 1
  return requests[at]
end
"""

LOGINS = """
local requests, at = {}, 0
function init(args)
  for i, body in ipairs(data) do
    requests[i] = wrk.format('POST', '/api/v1/auth/login', {['Content-Type'] = 'application/json'}, body)
  end
end
function request()
  at = at % #requests + 1
  return requests[at]
end
"""

# A refresh token is used once: tokens go round from each answer to a later request.
REFRESHES = """
-- There are more tokens than connections, since wrk asks once more than it has connections.
local first, last, tokens = 1, 0, {}
local head = {['Content-Type'] = 'application/json'}
function init(args)
  for i, token in ipairs(data) do tokens[i] = token end
  last = #data
end
function request()
  local token = tokens[first]
  tokens[first] = nil
  if token then first = first + 1 end
  return wrk.format('POST', '/api/v1/auth/refresh', head, '{"refresh_token":"' .. (token or 'none left') .. '"}')
end
function response(status, headers, body)
  local token = body:match('"refresh_token":"([^"]+)"')
  if token then
    last = last + 1
    tokens[last] = token
  end
end
"""


def profile_reads(world: World) -> Row:
    progress("P1: profile GETs and nginx")
    tokens = world.make_tokens(world.make_accounts(50))
    body = world.api.profile({"Authorization": f"Bearer {tokens[0]}"}).content
    nginx, url = world.start_nginx(body)
    profile = f"{world.stack.user_url}/api/v1/profile"

    def subject() -> float:
        return per_cpu_second([world.user.process.pid], lambda: world.wrk(profile, SECONDS, 32, GETS, tokens))

    def reference() -> float:
        return per_cpu_second([nginx.pid], lambda: world.wrk(url, SECONDS, 32))

    world.wrk(profile, 1, 32, GETS, tokens)
    values = compare(subject, reference)
    (dropped,) = re.findall(r"^sayur_log_lines_dropped_total (\d+)", world.api.user.get("/metrics").text, re.MULTILINE)
    what = f"authenticated profile GETs per CPU-second, nginx serving the same {len(body)} bytes"
    return Row("P1", what, "1/s", *values[:3], 0.80, note=f"{values[3]}; {dropped} log lines dropped")


def uncached_reads(world: World) -> Row:
    """Each account is asked for again only after more than a second, when its profile is in no cache any more. So it is the pace of
    the clients that bounds the rate, and CPU-seconds are compared: of the service and PostgreSQL, and of pgbench and PostgreSQL."""
    progress("P2: uncached profile GETs and pgbench -S")
    accounts, connections, pause_ms = 4000, 8, 3
    emails = world.make_accounts(accounts)
    tokens = world.make_tokens(emails)
    profile = f"{world.stack.user_url}/api/v1/profile"
    slowly = f"{GETS}\nfunction delay() return {pause_ms} end\n"
    select = (
        f"\\set n random(1, {accounts})\nselect * from accounts where email_key = '{emails[0].split('.')[0]}.' || :n || '@example.com';\n"
    )
    database = world.postgres.process.pid
    uncached: list[float] = []

    def reads() -> int:
        return int(world.sql("select pg_stat_get_numscans('accounts_pkey'::regclass)"))

    def subject() -> float:
        before, answers = reads(), []

        def work() -> float:
            answers.append(world.wrk(profile, 2 * SECONDS, connections, slowly, tokens))
            return answers[0]

        rate = per_cpu_second([world.user.process.pid, database], work)
        uncached.append((reads() - before) / answers[0])
        return rate

    def reference() -> float:
        before = cpu_seconds(database) + children_cpu_seconds()
        done = world.pgbench(select, SECONDS, connections) * SECONDS
        return done / (cpu_seconds(database) + children_cpu_seconds() - before)

    world.wrk(profile, 2, connections, slowly, tokens)
    values = compare(subject, reference)
    note = f"{values[3]}; at least {min(uncached):.2f} index scans of accounts per GET"
    what = "uncached profile GETs per CPU-second of service and PostgreSQL, pgbench -S -M prepared likewise"
    return Row("P2", what, "1/s", *values[:3], 0.35, note=note)


def logins(world: World) -> Row:
    progress("P3: logins and raw Argon2id")
    bodies = [f'{{"email":"{email}","password":"{PASSWORD}"}}' for email in world.make_accounts(200)]
    url = f"{world.stack.user_url}/api/v1/auth/login"

    def subject() -> float:
        return world.wrk(url, SECONDS, 4 * world.cores, LOGINS, bodies) / SECONDS

    world.wrk(url, 1, 4 * world.cores, LOGINS, bodies)
    values = compare(subject, lambda: world.program("raw_hashes", SECONDS, world.cores))
    return Row("P3", "logins per second, raw Argon2id of the same parameters on as many threads", "1/s", *values[:3], 0.90, note=values[3])


def refreshes(world: World) -> Row:
    progress("P4: refreshes")
    emails = world.make_accounts(64)
    tokens = [world.api.must_log_in(email, PASSWORD)["refresh_token"] for email in emails]
    url = f"{world.stack.user_url}/api/v1/auth/refresh"

    def subject() -> float:
        fresh = [world.api.must_log_in(email, PASSWORD)["refresh_token"] for email in emails]
        return per_cpu_second([world.user.process.pid], lambda: world.wrk(url, SECONDS, 16, REFRESHES, fresh))

    world.wrk(url, 1, 16, REFRESHES, tokens)
    value, note = repeat(subject)
    return Row("P4", "refreshes per CPU-second of the service", "1/s", value, None, None, 5000, note=note)


REGISTRATION_SQL = """
\\startpipeline
begin;
insert into registrations (id, email, email_key, name, locale, password_hash, created_at, expires_at, token_digest, event_sequence)
 values (gen_random_uuid(), gen_random_uuid() || '@example.com', gen_random_uuid() || '@example.com', 'Siti Aminah', 'id',
 '$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$RdescudvJCsgt3ub+b27c6vXZ8nTqVqn3qKdPdcSRXg', now(), now() + interval '1 day',
 uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()), 1);
insert into outbox (id, type, subject, sequence, traceparent, request_id, dataschema, payload, created_at, claimed_until)
 values (gen_random_uuid(), 'user.email_verification_requested', gen_random_uuid(), 1,
 '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00', cast(gen_random_uuid() as text),
 'urn-micro-sayur-user.email_verification_requested-1', cast(repeat('x', 371) as bytea), now(), now() + interval '1 day');
commit;
\\endpipeline
"""


def registrations(world: World) -> Row:
    """The services are stopped: nothing else touches the database, and no relay takes the rows."""
    progress("P5: registration's transaction and pgbench")
    for service in (world.user, world.notification):
        service.stop()
    connections = 8

    def subject() -> float:
        world.sql("truncate registrations, outbox")
        return world.program("store_registrations", SECONDS, world.cores, 4 * connections)

    def reference() -> float:
        world.sql("truncate registrations, outbox")
        return world.pgbench(REGISTRATION_SQL, SECONDS, connections)

    try:
        values = compare(subject, reference)
    finally:
        world.sql("truncate registrations, outbox")
        world.user.start()
        world.notification.start()
    return Row(
        "P5",
        "registrations with their outbox row per second at the store, pgbench pipelining the same SQL",
        "1/s",
        *values[:3],
        0.85,
        note=values[3],
    )
