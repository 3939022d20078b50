#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Fills an empty volume, in a container of its own: the image hands its server the superuser's password in the environment, and here that
# server ends before the one for clients starts. It becomes PGDATA when it is whole: a start that is interrupted leaves no half of a database.
set -euo pipefail
[ ! -s "$PGDATA/PG_VERSION" ] || exit 0
[ ! -e "$PGDATA" ] || rmdir "$PGDATA" || {
  echo "$PGDATA holds no whole database, and is not empty: look what it is, and move it away" >&2
  exit 1
}
whole=$PGDATA
export PGDATA=$whole.incomplete
rm -rf "$PGDATA"
docker-entrypoint.sh postgres &
server=$!
# The server that runs the scripts listens on its socket only.
until pg_isready --quiet --host=127.0.0.1; do
  kill -0 "$server" 2>/dev/null || {
    wait "$server"
    exit 1
  }
  sleep 0.2
done
kill -INT "$server"
wait "$server"
mv -T "$PGDATA" "$whole"
