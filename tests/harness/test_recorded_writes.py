# SPDX-License-Identifier: Apache-2.0
"""What the records of the write-ahead log are taken for."""

from types import SimpleNamespace

from harness.recorded_writes import Owners, parse
from harness.shards import Way

ANI, BUDI, SESSION = "00000000-0000-7000-8000-00000000000a", "00000000-0000-7000-8000-00000000000b", "00000000-0000-7000-8000-00000000000c"
LINES = f"""BEGIN 7
table user_service.accounts: INSERT: id[uuid]:'{ANI}' email[text]:'Ani@x.id' email_key[text]:'ani@x.id' phone[text]:null
table user_service.accounts: INSERT: id[uuid]:'{BUDI}' email_key[text]:'budi@x.id' name[text]:'Bu''di
COMMIT 7'
COMMIT 7
BEGIN 8
table user_service.sessions: INSERT: id[uuid]:'{SESSION}' account_id[uuid]:'{ANI}'
table user_service.refresh_tokens: UPDATE: old-key: session_id[uuid]:'{SESSION}' new-tuple: session_id[uuid]:'{SESSION}'
table user_service.accounts: DELETE: id[uuid]:'{BUDI}' email_key[text]:''
table user_service.outbox_20261130_090000: INSERT: id[uuid]:'{SESSION}' subject[uuid]:'{BUDI}'
COMMIT 8""".splitlines()
TABLES = {"user_service.outbox_20261130_090000": "user_service.outbox"}
WAYS = {
    "user_service.accounts": Way("id"),
    "user_service.sessions": Way("account_id"),
    "user_service.refresh_tokens": Way("session_id", "user_service.sessions"),
    "user_service.outbox": Way("subject"),
}


def test_a_row_is_of_the_address_that_it_leads_to():
    transactions = parse(LINES, TABLES)
    owners = Owners(SimpleNamespace(columns=WAYS, way=WAYS.get), transactions)
    assert [[owners.of(write) for write in each.writes] for each in transactions] == [
        ["ani@x.id", "budi@x.id"],
        ["ani@x.id", "ani@x.id", "budi@x.id", "budi@x.id"],
    ]
    assert [str(write) for write in transactions[1].writes][1:] == [
        "UPDATE user_service.refresh_tokens",
        "DELETE user_service.accounts",
        "INSERT user_service.outbox",
    ]
