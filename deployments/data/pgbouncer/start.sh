#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A PgBouncer in a container, in front of the PostgreSQL at SERVER: a host, or the folder of its socket. Secrets come from /run/secrets: the
# passwords of the roles and, where the network is spoken TLS on, pgbouncer.pem with its key.
set -eu
umask 077
for role in user_service notification_service; do
  printf '"%s" "%s"\n' "$role" "$(sed 's/"/""/g' "/run/secrets/${role}_database_password")"
done >/tmp/users.txt
# One file, in which each section stands once: a second [pgbouncer] would undo the first.
{
  cat /etc/pgbouncer/pgbouncer.ini /etc/pgbouncer/container.ini
  [ ! -e /run/secrets/pgbouncer.pem ] || cat /etc/pgbouncer/tls.ini
  printf '[databases]\nmicro_sayur = host=%s\n' "$SERVER"
} >/tmp/pgbouncer.ini
exec pgbouncer /tmp/pgbouncer.ini
