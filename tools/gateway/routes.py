#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the gateway's routes from the services' route tables, as their OpenAPI documents tell them."""

from __future__ import annotations

import argparse
import json
import re
import urllib.request
from pathlib import Path

DEPLOYMENTS = Path(__file__).resolve().parents[2] / "deployments"
TARGET = DEPLOYMENTS / "gateway" / "routes.yaml"
HEAD = """# SPDX-License-Identifier: Apache-2.0
# Made by `python3 tools/gateway/routes.py` from the services' route tables; do not edit.
"""
HOSTS = ["api.micro-sayur.com", "api.staging.micro-sayur.com", "localhost", "127.0.0.1"]
INSIDE = {"operations", "mailbox"}  # tags of what nobody outside may ask for
PREFIXES = {"/users": "user-service", "/notifications": "notification-service"}
ALWAYS_PUBLIC = ["/openapi.json"]  # not in the document that it is
ICON = "/favicon.ico"
# The status page is served by neither service, since it is read when these are down (docs/operations/status-page.md).
STATUS = "/status"
STATUS_FILES = DEPLOYMENTS / "observability" / "status" / "page"
PAGE_FRAME = DEPLOYMENTS.parent / "platform" / "page_frame" / "kustomization.yaml"  # what it takes of the look of all pages


def public_paths(document: dict) -> list[str]:
    """Those of which no method wants a token. A path with parameters would need a pattern; there is none."""
    paths = [path for path in document["x-pages"] if not path.startswith("/mailbox")] + ALWAYS_PUBLIC
    for path, operations in document["paths"].items():
        each = operations.values()
        if any(INSIDE & set(operation["tags"]) for operation in each) or any("security" in operation for operation in each):
            continue
        if "{" in path:
            raise SystemExit(f"{path} is public and has a parameter: {Path(__file__).name} cannot make a route of it yet")
        paths.append(path)
    return sorted(set(paths))


def private_paths(document: dict) -> list[str]:
    """Those that have metrics of their own; what has parameters is under the prefix."""
    wanted = [path for path, operations in document["paths"].items() if any("security" in each for each in operations.values())]
    return sorted(path for path in wanted if path.startswith("/api/") and "{" not in path)


NO_TOKEN = {
    "envoy.filters.http.jwt_authn": {
        "@type": "type.googleapis.com/envoy.extensions.filters.http.jwt_authn.v3.PerRouteConfig",
        "disabled": True,
    }
}


def route_to(service: str, prefix: str, path: str, how: str) -> dict:
    """`how` the path is matched: `path` or `prefix`. Its metrics are envoy_vhost_route_*{envoy_route}, its spans bear its name."""
    to = {"cluster": service, "prefix_rewrite": path, "timeout": "15s"}
    return {**named(how, prefix + path), "route": to, "stat_prefix": metric_name(path)}


def named(how: str, path: str) -> dict:
    return {"name": path + ("*" if how == "prefix" else ""), "match": {how: path}}


def metric_name(path: str) -> str:
    """The last word of an endpoint; pages with what they load, and documents, share one."""
    return path.rstrip("/").rsplit("/", 1)[-1] if path.startswith("/api/") else "pages"


def redirect(at: str, to: str, code: str) -> dict:
    return {**named("path", at), "redirect": {"path_redirect": to, "response_code": code}}


def pages_of(document: dict) -> list[str]:
    """What people type: pages, without what these load."""
    return [path for path in public_paths(document) if path in document["x-pages"] and path != "/" and "." not in path]


def status_routes() -> list[dict]:
    frame = re.findall(r"files/([a-z_]+\.[a-z]+)", PAGE_FRAME.read_text())
    assets = sorted({each.name for each in STATUS_FILES.iterdir() if each.suffix != ".html"} | set(frame))
    paths = [STATUS, f"{STATUS}/status.json", *(f"{STATUS}/assets/{name}" for name in assets)]
    to = {"cluster": "status-page", "timeout": "5s"}
    hidden = {"response_headers_to_remove": ["server"]}
    served = [{**named("path", path), "route": to, "stat_prefix": "status", **hidden} for path in paths]
    return [*served, redirect(f"{STATUS}/", STATUS, "PERMANENT_REDIRECT")]


def routes(documents: dict[str, dict]) -> list[dict]:
    open_to_all, private = status_routes(), []
    for prefix, document in documents.items():
        paths = public_paths(document)
        open_to_all += [route_to(PREFIXES[prefix], prefix, path, "path") for path in paths]
        open_to_all += [redirect(f"{prefix}{page}/", f"{prefix}{page}", "PERMANENT_REDIRECT") for page in pages_of(document)]
        private += [route_to(PREFIXES[prefix], prefix, path, "path") for path in private_paths(document)]
        private.append(route_to(PREFIXES[prefix], prefix, "/api/", "prefix"))
        if "/" in paths:
            open_to_all += [redirect(at, f"{prefix}/", "FOUND") for at in ("/", prefix)]
            open_to_all.append(route_to(PREFIXES[prefix], "", ICON, "path"))  # where browsers look for it
    open_routes = [{**each, "typed_per_filter_config": NO_TOKEN} for each in open_to_all]
    return [*open_routes, *private, refusal(404)]


def refusal(status: int) -> dict:
    return {"match": {"prefix": "/"}, "direct_response": {"status": status}, "typed_per_filter_config": NO_TOKEN}


def discovery_response(documents: dict[str, dict]) -> dict:
    safe = {"name": ":method", "string_match": {"safe_regex": {"regex": "GET|HEAD"}}}
    configuration = {
        "@type": "type.googleapis.com/envoy.config.route.v3.RouteConfiguration",
        "name": "micro-sayur",
        "virtual_hosts": [
            {
                "name": "micro-sayur",
                "domains": [domain for host in HOSTS for domain in (host, f"{host}:*")],
                "retry_policy": {
                    "retry_on": "connect-failure,refused-stream,reset",
                    "num_retries": 2,
                    "retriable_request_headers": [safe],
                    "retry_host_predicate": [
                        {
                            "name": "envoy.retry_host_predicates.previous_hosts",
                            "typed_config": {
                                "@type": "type.googleapis.com/envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate"
                            },
                        }
                    ],
                    "host_selection_retry_max_attempts": 3,
                },
                "routes": routes(documents),
            },
            {"name": "unknown", "domains": ["*"], "routes": [refusal(421)]},
        ],
    }
    return {"resources": [configuration]}


def text(documents: dict[str, dict]) -> str:
    """JSON, which is YAML as well: one route a line, so that a difference is read at a glance."""
    response = discovery_response(documents)
    host = response["resources"][0]["virtual_hosts"][0]
    lines = ",\n".join(json.dumps(route) for route in host["routes"])
    host["routes"] = ["ROUTES"]
    return HEAD + json.dumps(response, indent=1).replace('"ROUTES"', lines) + "\n"


def read(source: str) -> dict:
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(f"{source}/openapi.json", timeout=10) as answer:
        return json.load(answer)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--users", default="http://127.0.0.1:8080", help="the running user-service (default: that of ./sayur up)")
    parser.add_argument("--notifications", default="http://127.0.0.1:8081", help="the running notification-service")
    given = parser.parse_args()
    TARGET.write_text(text({"/users": read(given.users), "/notifications": read(given.notifications)}))


if __name__ == "__main__":
    main()
