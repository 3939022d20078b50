#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Usage: ./sayur drill [--users N] [--wal-seconds S] [--repository 1|2] [--everything] [--to T]
#        ./sayur drill verify
#
# A rehearsal of the worst: both services on servers of its own, N users (1,000,000), writing without a pause; then the
# database is lost with its disk, restored from a backup, and held against everything that was acknowledged. Prints a
# timeline with the recovery time (RTO) and the recovery point (RPO) as measured; exit code 1 when one of them is beyond
# its goal (60 s, 5 s) or something older is lost. Between the last backup and the loss lie S seconds of writing (3600) at
# the rate at which the drill writes. With --everything RabbitMQ and Redis are lost as well, and the events come out of
# the outbox again: says how many mails are missing, and how many went out twice. Then the database is lost once more and
# restored to the moment T seconds (5) before that. Takes some minutes and, for a million users, 9 GiB of disk.
#
# `verify` is for the stack of ./sayur compose up --backup: restores the newest backup of each repository into a scratch
# volume and looks at every page; says which secret is missing that a restore would need. Exit code 1 when anything is wrong.
set -euo pipefail
. tools/lib.sh
help_wanted "$0" "$@"

# What a restore needs beside the repositories; nothing in them brings it back.
missing_secrets() {
  local pattern
  for pattern in 'jwt_keys/*.pem' 'jwt_keys/*.key' backup/job/{first,second}.conf {postgres,database_owner}_password \
    {user,notification}_service_{database,redis,rabbitmq}_password; do
    compgen -G "$SECRETS/$pattern" >/dev/null || echo "$SECRETS/$pattern is missing: bring it back from where you keep copies of secrets"
  done
}

verify() {
  local code=0 missing
  . tools/compose/secrets.sh
  missing=$(missing_secrets)
  [ -z "$missing" ] || printf '%s\n' "$missing" >&2
  bash tools/compose.sh run --rm --no-deps -T verify </dev/null || code=1
  [ $code -eq 0 ] && [ -z "$missing" ] || exit 1
}

if [ "${1:-}" = verify ]; then
  [ $# -eq 1 ] || fail 64 "verify takes no arguments; see ./sayur drill --help"
  verify
  exit
fi
install_packages python
/usr/bin/python3 tests/drill/arguments.py "$@"
install_packages build test
python_environment
build release user-service notification-service
cd tests
exec python -m drill.run "$@"
