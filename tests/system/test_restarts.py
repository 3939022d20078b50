# SPDX-License-Identifier: Apache-2.0
"""Stopping in order, stopping by force, and starting again: nothing that was acknowledged is lost."""

import contextlib
import json
import os
import shutil
import signal
import threading
import time

import httpx
import pytest

from harness.client import Api, new_email, new_password, token_of, wait_until
from harness.processes import free_port
from harness.raw_http import RawConnection
from harness.service import Service


@pytest.fixture
def service(stack):
    """The service that answers users; runs again afterwards."""
    yield stack.user_service
    stack.user_service.ensure_running()


def test_sigterm_ends_with_code_0_and_a_start_finds_every_account(api, stack, service):
    made = api.new_account("Kadek")
    waiting, token = api.new_registration()
    assert service.stop() == 0
    service.start()
    assert api.profile(made.bearer).json()["name"] == "Kadek"
    api.must_log_in(made.email, made.password)
    assert api.refresh(made.tokens["refresh_token"]).status_code == 200
    assert api.verify(token).json()["user"]["email"] == waiting.email


def test_a_kill_loses_nothing_either(api, stack, service):
    made = api.new_account("Kadek")
    waiting, token = api.new_registration()
    service.kill()
    service.start()
    assert api.profile(made.bearer).json()["name"] == "Kadek"
    api.must_log_in(made.email, made.password)
    assert api.verify(token).json()["user"]["email"] == waiting.email


def test_both_services_stop_in_order(api, stack):
    for each in {id(one): one for one in stack.services.values()}.values():
        assert each.stop() == 0
        each.start()
    api.new_account()


@pytest.mark.no_containers("signals the process itself")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_request_under_way_is_finished(api, stack, service, number):
    body = json.dumps({"email": new_email(), "password": new_password()})
    head = f"POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    with RawConnection(stack.user_port) as connection, RawConnection(stack.user_port) as idle:
        connection.send(head + body[:10])
        # The service has read the head when a later request on another connection has been answered.
        assert api.user.get("/ready").status_code == 200
        service.process.send_signal(number)
        wait_until(lambda: not serves(stack.user_port), 5, "the end of accepting")
        assert idle.closed_by_server()
        connection.send(body[10:])
        answer = connection.read_answer()
        assert answer.status == 401
        assert answer.headers["connection"] == "close"
    assert service.process.wait(20) == 0


def serves(port) -> bool:
    with contextlib.suppress(httpx.TransportError):
        httpx.get(f"http://127.0.0.1:{port}/health", timeout=2, trust_env=False)
        return True
    return False


def test_while_draining_it_serves_but_is_not_ready(stack):
    with stack.instance(DRAIN_SECONDS="2s") as draining:
        api = Api(stack, user_url=draining.user_url)
        service = draining.user_service
        assert api.user.get("/ready").status_code == 200
        service.process.send_signal(signal.SIGTERM)
        started = time.monotonic()
        wait_until(lambda: api.user.get("/ready").status_code == 503, 1, "not ready")
        assert api.user.get("/health").status_code == 200
        assert api.login(new_email(), new_password()).status_code == 401
        assert service.process.wait(20) == 0
        assert 1.5 < time.monotonic() - started < 10
        api.close()


def test_a_second_sigterm_does_no_harm(stack):
    with stack.instance(DRAIN_SECONDS="1s") as other:
        for _ in range(3):
            other.user_service.process.send_signal(signal.SIGTERM)
        assert other.user_service.process.wait(20) == 0


@pytest.mark.no_containers("stops the process many times, each with the drain of a container")
def test_accepted_registrations_survive_stops_under_load(stack, service):
    """Clients register while the service is stopped, killed and started; each 202 has its mail."""
    accepted: list[str] = []
    over = threading.Event()

    def register():
        api = Api(stack)
        while not over.is_set():
            email = new_email("load")
            with contextlib.suppress(httpx.TransportError):
                answer = api.register(email, new_password())
                assert answer.status_code in (202, 503), answer.text
                if answer.status_code == 202:
                    accepted.append(email)
        api.close()

    threads = [threading.Thread(target=register) for _ in range(3)]
    for thread in threads:
        thread.start()
    for end in (service.stop, service.kill, service.stop):
        count = len(accepted)
        wait_until(lambda count=count: len(accepted) > count + 5, 20, "load")
        end()
        service.start()
    over.set()
    for thread in threads:
        thread.join()
    for email in accepted:
        (mail,) = stack.wait_for_mails(email)
        token_of(mail)


@pytest.mark.mode("embedded")
def test_one_data_folder_serves_one_process(stack):
    run = stack.user_service.try_run(env=stack.user_service.env | {"HTTP_PORT": "1", "NOTIFICATION_HTTP_PORT": "2"})
    assert run.returncode not in (0, -signal.SIGSEGV, -signal.SIGABRT)
    assert "in use" in run.stderr + run.stdout


@pytest.mark.mode("embedded")
def test_a_copy_of_a_killed_data_folder_holds_everything(api, stack, service, tmp_path):
    """What an operator restores after a crash: the files as they lay there."""
    made = api.new_account()
    service.kill()
    folder = shutil.copytree(stack.session.directory / "data", stack.session.directory / f"copy-{os.getpid()}")
    service.start()
    with stack.instance(MICRO_SAYUR_DATA=str(folder), JWT_KEYS_DIR=str(stack.keys_directory)) as restored:
        other = Api(restored)
        other.must_log_in(made.email, made.password)
        other.close()


@pytest.mark.no_pooler("schemas are migrated without one")
@pytest.mark.mode("distributed")
def test_migrating_twice_and_side_by_side_does_no_harm(stack, api):
    results = []

    def migrate(service: Service):
        results.append(service.try_run("migrate").returncode)

    threads = [threading.Thread(target=migrate, args=(service,)) for service in list(stack.services.values()) * 3]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [0] * 6
    api.new_account()


@pytest.mark.mode("distributed")
def test_two_instances_started_at_once_serve_side_by_side(stack, api):
    made = api.new_account()
    with stack.instance() as second, stack.instance() as third:
        for each in (second, third):
            other = Api(stack, user_url=each.user_url)
            assert other.profile(made.bearer).status_code == 200
            other.new_account()
            other.close()


@pytest.mark.no_pooler("schemas are migrated without one, and in the other database the roles have no settings")
@pytest.mark.mode("distributed")
@pytest.mark.parametrize("name", ["user-service", "notification-service"])
def test_a_schema_that_is_older_than_needed_is_refused(stack, name):
    postgres = stack.servers["postgres"]
    service = stack.services[name]
    database = f"empty-{name}"
    postgres.create_database(database)
    env = service.env | {"DB_NAME": database, "HTTP_PORT": str(free_port())}
    refused = service.try_run(env=env)
    assert refused.returncode not in (0, -signal.SIGSEGV, -signal.SIGABRT)
    assert "migrate" in refused.stderr + refused.stdout, "what mends it is told"
    assert service.try_run("migrate", env=env).returncode == 0
    mended = Service(stack.session, service.program, env, [int(env["HTTP_PORT"])])
    mended.start()
    assert mended.stop() == 0
