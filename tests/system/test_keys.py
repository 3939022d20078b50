# SPDX-License-Identifier: Apache-2.0
"""The folder of keys while the service runs: what is wrong with it is told once and shown in /health, and nothing ends the look at it."""

import contextlib
import shutil

import pytest

from harness.client import Api, wait_until

pytestmark = pytest.mark.no_containers("writes key files for its own user's eyes, and the container's is another")

ROTATION = {"event.action": "sys_key_rotation"}
GOOD_SECRET = "0123456789abcdef" * 4 + "\n"


@pytest.fixture
def instance(stack):
    """An instance with a folder of keys of its own, and its log and folder."""
    with contextlib.ExitStack() as until_the_end:
        folder = stack.session.directory / "changing-keys"
        shutil.copytree(stack.keys_directory, folder)
        until_the_end.callback(shutil.rmtree, folder)
        made = until_the_end.enter_context(stack.instance(JWT_KEYS_DIR=str(folder)))
        api = Api(made)
        until_the_end.callback(api.close)
        wait_for_keys(api, "healthy")
        yield made, api, folder


def wait_for_keys(api, state: str) -> None:
    wait_until(lambda: api.user.get("/health").json()["services"].get("signing_keys") == state, 20, f"keys {state}")


def lines(made, message: str, fields: dict[str, str] | None = None) -> list[dict]:
    return [line for line in made.user_service.log_lines() if line["message"] == message and line.items() >= (fields or {}).items()]


def write(path, text: str) -> None:
    path.touch(0o600)
    path.write_text(text)


def test_a_bad_secret_is_unhealthy_and_told_once_and_a_good_one_is_a_rotation(instance):
    made, api, folder = instance
    path = folder / "later.key"
    write(path, "too short")
    wait_for_keys(api, "unhealthy")
    wait_until(lambda: lines(made, "does not work", {"dependency.name": "signing_keys"}), 20, "the line of the check")
    (line,) = lines(made, "secrets could not be read again")
    assert str(path) in line["error.message"]
    assert not lines(made, "background work failed")
    write(path, GOOD_SECRET)
    wait_for_keys(api, "healthy")
    wait_until(lambda: lines(made, "security event", ROTATION), 20, "the rotation")
    assert len(lines(made, "secrets could not be read again")) == 1
    path.unlink()
    wait_until(lambda: len(lines(made, "security event", ROTATION)) == 2, 20, "the secret's withdrawal")
    assert all(line["secret.id"] != "later" for line in lines(made, "security event", ROTATION)), "it was too young to be used"


def test_a_folder_that_cannot_be_read_for_a_moment_is_looked_at_again(instance):
    _, api, folder = instance
    aside = folder.rename(folder.with_name("aside"))
    folder.write_text("no folder")
    wait_for_keys(api, "unhealthy")
    folder.unlink()
    aside.rename(folder)
    wait_for_keys(api, "healthy")
    write(folder / "later.key", "too short")
    wait_for_keys(api, "unhealthy")
    (folder / "later.key").unlink()
    wait_for_keys(api, "healthy")
