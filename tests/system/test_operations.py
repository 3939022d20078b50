# SPDX-License-Identifier: Apache-2.0
"""What every service answers to those who run it."""

import re
import time
from datetime import UTC, datetime

import pytest
from jsonschema import Draft202012Validator

from harness.client import wait_until
from harness.packages import REPOSITORY

pytestmark = pytest.mark.past_the_gateway("/health, /ready and /metrics are not reachable through it")

VERSION = (REPOSITORY / "VERSION").read_text().strip()


@pytest.fixture(params=["user", "notification"])
def service(request, api):
    """The name of a service and a client of it."""
    return request.param, getattr(api, request.param)


def samples_of(text: str) -> dict[str, float]:
    """The samples of Prometheus' text format, each line of which must be well-formed."""
    samples: dict[str, float] = {}
    kinds: dict[str, str] = {}
    for line in text.splitlines():
        if line.startswith("# HELP ") or not line:
            continue
        if line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            assert kind in ("counter", "gauge", "histogram", "summary", "untyped"), line
            assert name not in kinds, f"{name} is declared twice"
            kinds[name] = kind
            continue
        match = re.fullmatch(r'([a-zA-Z_:][\w:]*)(\{(?:\w+="(?:[^"\\\n]|\\.)*",?)*\})? (\S+)', line)
        assert match, f"no sample of the text format: {line}"
        name, labels, value = match.groups()
        family = re.sub(r"_(bucket|sum|count)$", "", name)
        assert name in kinds or family in kinds, f"{name} has no type"
        if kinds.get(name) == "counter":
            assert name.endswith("_total"), name
        key = name + (labels or "")
        assert key not in samples, f"{key} stands twice"
        samples[key] = float(value)
    return samples


def metrics(client) -> dict[str, float]:
    answer = client.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    return samples_of(answer.text)


def test_health_has_the_shape_that_operators_know(service, mode):
    name, client = service
    wait_until(lambda: client.get("/health").json()["status"] == "healthy", 5, "the first checks of a service that has just started")
    answer = client.get("/health")
    assert answer.status_code == 200
    body = answer.json()
    assert body.keys() == {"status", "timestamp", "version", "schema_version", "services"}
    samples = metrics(client)
    assert samples[f'sayur_build_info{{version="{body["version"]}"}}'] == 1
    assert samples["sayur_schema_version"] == body["schema_version"] > 0
    assert body["status"] == "healthy", body
    assert body["timestamp"].endswith("Z")
    assert abs((datetime.now(UTC) - datetime.fromisoformat(body["timestamp"])).total_seconds()) < 10
    wanted = {"database", "redis", "rabbitmq"} | ({"smtp", "deliveries"} if name == "notification" else {"outbox", "signing_keys"})
    if mode != "embedded":
        wanted.add("clock")  # of the machine, against that of the database
    assert body["services"] == dict.fromkeys(wanted, "healthy")


def test_health_is_quick(service):
    _, client = service
    client.get("/health")
    times = []
    for _ in range(30):
        started = time.perf_counter()
        assert client.get("/health").status_code == 200
        times.append(time.perf_counter() - started)
    assert sorted(times)[15] < 0.02, "the median, with all that a shared machine and this client add to the 5 ms of the service"


def test_a_running_service_is_ready(service):
    _, client = service
    assert client.get("/ready").status_code == 200


def test_metrics_tell_what_runs_and_what_was_asked(service):
    _, client = service
    before = metrics(client)
    for _ in range(3):
        client.get("/openapi.json")
    client.get("/nothing-of-the-kind/12345")
    after = metrics(client)
    assert [value for key, value in after.items() if key.startswith("sayur_build_info{") and f'version="{VERSION}"' in key] == [1]

    def requests(samples, *parts):
        return sum(
            value for key, value in samples.items() if key.startswith("sayur_http_requests_total") and all(part in key for part in parts)
        )

    assert requests(after, 'route="/openapi.json"', 'status="200"') - requests(before, 'route="/openapi.json"', 'status="200"') == 3
    assert requests(after, 'status="404"') - requests(before, 'status="404"') == 1
    assert not [key for key in after if "12345" in key], "a path that the client invents must not become a label"
    assert any(key.startswith("sayur_http_request_duration_seconds_bucket") and 'le="+Inf"' in key for key in after)
    for name in ("process_cpu_seconds_total", "process_resident_memory_bytes", "process_open_fds", "process_start_time_seconds"):
        assert after[name] > 0
    for name in ("sayur_database_connections", "sayur_database_calls_waiting", "sayur_http_connections"):
        assert name in after, "pools and queues have their metrics"


def test_the_outbox_and_the_queue_of_hashes_are_measured(api):
    samples = metrics(api.user)
    for name in ("sayur_outbox_events", "sayur_outbox_oldest_age_seconds", "sayur_password_hashes_waiting"):
        assert name in samples
    assert 'sayur_outbox_published_total{type="user.registered"}' in samples, (
        "from the start: a rate misses the first event of a series that begins with it"
    )


def test_metrics_hold_no_addresses_of_people(api, account):
    for client in (api.user, api.notification):
        assert account.email not in client.get("/metrics").text


def test_openapi_describes_every_endpoint(api):
    paths = api.user.get("/openapi.json").json()["paths"]
    wanted = {
        "/api/v1/profile": {"get", "patch"},
        "/.well-known/jwks.json": {"get"},
        "/health": {"get"},
        "/ready": {"get"},
        "/metrics": {"get"},
    }
    auth = "register verify-email resend-verification login refresh logout forgot-password reset-password"
    wanted |= {f"/api/v1/auth/{name}": {"post"} for name in auth.split()}
    for path, methods in wanted.items():
        assert paths[path].keys() >= methods, path
    for path in api.notification.get("/openapi.json").json()["paths"]:
        assert path.startswith("/")
    notification = api.notification.get("/openapi.json").json()["paths"]
    assert notification.keys() >= {"/api/v1/notifications", "/api/v1/notifications/{id}", "/api/v1/notifications/{id}/retry", "/health"}


def test_openapi_is_well_formed(service):
    _, client = service
    answer = client.get("/openapi.json")
    assert answer.headers["content-type"] == "application/json"
    document = answer.json()
    assert document["openapi"].startswith("3.1")
    assert document["info"]["version"] == VERSION
    ids = []
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            where = f"{method} {path}"
            ids.append(operation["operationId"])
            assert operation["summary"], where
            assert operation["responses"], where
            named = {each["name"] for each in operation.get("parameters", []) if each["in"] == "path"}
            assert named == set(re.findall(r"\{(\w+)\}", path)), where
            if operation.get("security"):
                assert "401" in operation["responses"], where
    assert len(ids) == len(set(ids))
    for name, schema in document["components"]["schemas"].items():
        Draft202012Validator.check_schema(schema)
        assert name == "Problem" or schema["type"] == "object", name
    text = answer.text
    for reference in set(re.findall(r'"#/components/schemas/(\w+)"', text)):
        assert reference in document["components"]["schemas"]


def test_the_documentation_can_be_read(service):
    _, client = service
    answer = client.get("/docs")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")


def test_no_answer_tells_what_software_stands_behind(service):
    _, client = service
    for path in ("/health", "/nothing"):
        headers = client.get(path).headers
        assert "server" not in headers
        assert headers["x-content-type-options"] == "nosniff"
