# SPDX-License-Identifier: Apache-2.0
"""What the tests of the gateway share: its addresses, its route maker, and whether the gateway itself answered."""

from __future__ import annotations

import importlib.util
import socket
import ssl

import httpx

from harness.packages import REPOSITORY

PREFIXES = {"/users": "user_port", "/notifications": "notification_port"}
FOLDER = REPOSITORY / "deployments" / "gateway"


def route_maker():
    """tools/gateway/routes.py as a module."""
    spec = importlib.util.spec_from_file_location("gateway_routes", REPOSITORY / "tools" / "gateway" / "routes.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def documents(stack) -> dict[str, dict]:
    """The OpenAPI documents by prefix, from the services themselves."""
    return {
        prefix: httpx.get(f"http://127.0.0.1:{getattr(stack, at)}/openapi.json", trust_env=False).json() for prefix, at in PREFIXES.items()
    }


def is_the_gateways_own(answer: httpx.Response) -> bool:
    """The services answer every request with a traceparent; the gateway makes none."""
    return "traceparent" not in answer.headers


def tls_connection(stack, protocols: list[str]) -> ssl.SSLSocket:
    """To the port of HTTPS, verified by the installation's own authority."""
    context = ssl.create_default_context(cafile=stack.project.secrets / "tls" / "authority.pem")
    context.set_alpn_protocols(protocols)
    raw = socket.create_connection(("127.0.0.1", stack.project.ports["GATEWAY_TLS"]), timeout=10)
    return context.wrap_socket(raw, server_hostname="localhost")


def ask_from_inside(stack, path: str, port: int = 8000, method: str = "GET") -> str:
    """A request that the gateway's container makes to itself, so from another address; returns the head and body of the answer."""
    request = f"{method} {path} HTTP/1.1\\r\\nhost: localhost\\r\\nconnection: close\\r\\ncontent-length: 0\\r\\n\\r\\n"
    script = f'exec 3<>/dev/tcp/127.0.0.1/{port} && printf "{request}" >&3 && cat <&3'
    return stack.project.container("gateway").execute("bash", "-c", script)
