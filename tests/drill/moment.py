# SPDX-License-Identifier: Apache-2.0
"""A restore to an earlier moment: what was done since is undone, but for what must not come back."""

from __future__ import annotations

import time

from harness.client import Api, new_password, token_of, wait_until

from .place import Place
from .timeline import Timeline

COUNT = "select count(*) from user_service.accounts where email = '{}'"


def restore_to_a_moment(place: Place, repository: int, seconds: float) -> list[str]:
    """Between the moment, `seconds` before the loss, and the loss one person is erased, one signs out, one has another password and one
    comes anew. Returns what is not as it has to be."""
    api = Api(place)
    kept, erased, renewed = api.new_account(), api.new_account(), api.new_account()
    moment, began = place.database.run_sql("select clock_timestamp()"), time.monotonic()
    time.sleep(1)  # the next commit is certainly later
    later, password = api.new_account(), new_password()
    require(api.forgot_password(renewed.email), 202)
    mails = place.wait_for_mails(renewed.email, 2)
    require(api.reset_password(token_of(next(mail for mail in mails if "reset-password" in mail["text"])), password), 200)
    require(api.logout(kept.bearer), 204)
    place.services["user-service"].run("delete-account", erased.email)
    wait_until(lambda: place.backups.erased(place.database) == [erased.id], 30, "the erased in the journal")
    time.sleep(max(0.0, began + seconds - time.monotonic()))
    place.wait_archived(repository)
    timeline = Timeline()
    place.lose_database()
    timeline.mark(f"the database is lost again; the moment is {time.monotonic() - began:.0f} s before")
    place.stop_services().join()
    place.restore_database(repository, f"--to={moment}")
    place.database.start()
    place.database.wait_promoted()
    timeline.mark("the moment is restored")
    emails = place.database.run_sql("select email from user_service.accounts").split()
    told = place.after_restore()
    mails = place.mails_sent()
    place.start_services()
    place.go_on()
    timeline.mark("the services are ready")
    found = {
        "the moment is not reached": not {kept.email, erased.email} <= set(emails),
        "more than the moment is there": later.email in emails,
        f"the erased are not erased anew: {told}": "Of 1 erased persons 1 were there again" not in told,
        "who had signed out is signed in again": api.refresh(kept.tokens["refresh_token"]).status_code != 401,
        "the password of the moment is not taken": api.login(renewed.email, renewed.password).status_code != 200,
        "the password of afterwards is taken": api.login(renewed.email, password).status_code != 401,
        "who was erased is let in": api.login(erased.email, erased.password).status_code != 401,
        "who was erased is there": place.database.run_sql(COUNT.format(erased.email)) != "0",
    }
    require(api.forgot_password(kept.email), 202)
    wait_until(place.mails_withheld, 60, "the mail that is withheld")
    found["a restored copy sent mails"] = place.mails_sent() != mails
    api.close()
    return [fault for fault, is_so in found.items() if is_so]


def require(answer, status: int) -> None:
    if answer.status_code != status:
        raise RuntimeError(f"{answer.request.method} {answer.request.url.path}: {answer.status_code} {answer.text[:200]}")
