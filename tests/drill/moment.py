# SPDX-License-Identifier: Apache-2.0
"""A restore to an earlier moment: what was done since is undone, but for what must not come back."""

from __future__ import annotations

import time

from harness.client import Api, wait_until

from .place import Place


def restore_to_a_moment(place: Place, repository: int) -> None:
    """Between the moment and the loss one person is erased, one signs out and one comes anew."""
    api = Api(place)
    kept, erased = api.new_account(), api.new_account()
    moment = place.database.run_sql("select clock_timestamp()")
    time.sleep(1)  # the next commit is certainly later
    later = api.new_account()
    assert api.logout(kept.bearer).status_code == 204
    place.services["user-service"].run("delete-account", erased.email)
    wait_until(lambda: place.backups.erased(place.database) == [erased.id], 30, "the erased in the journal")
    place.wait_archived(repository)
    place.lose_database()
    place.stop_services().join()
    place.restore_database(repository, f"--to={moment}")
    place.database.start()
    place.database.wait_promoted()
    emails = place.database.run_sql("select email from user_service.accounts").split()
    assert kept.email in emails and erased.email in emails, "the moment is not reached"
    assert later.email not in emails, "more than the moment is there"
    assert "Of 1 erased persons 1 were there again" in place.after_restore()
    mails = place.mails_sent()
    place.start_services()
    place.go_on()
    assert api.refresh(kept.tokens["refresh_token"]).status_code == 401, "who had signed out is signed in again"
    assert api.login(kept.email, kept.password).status_code == 200
    assert api.login(erased.email, erased.password).status_code == 401
    assert place.database.run_sql(f"select count(*) from user_service.accounts where email = '{erased.email}'") == "0"
    assert api.forgot_password(kept.email).status_code == 202
    wait_until(place.mails_withheld, 60, "the mail that is withheld")
    assert place.mails_sent() == mails, "a restored copy mails nobody"
    api.close()
