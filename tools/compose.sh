#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Usage: ./sayur compose [--production] up|down|logs [ARGUMENT...]
#
#   up     makes the secrets (.secrets/) and images that are absent, then runs docker compose up --wait and prints the addresses
#   down   docker compose down: stops everything; the data stay
#   logs   docker compose logs: what the containers say
#
# --production adds compose.prod.yml, and TLS certificates of an authority of its own to the secrets.
#
# Further arguments go to docker compose: ./sayur compose down --volumes also deletes the data.
set -euo pipefail
. tools/lib.sh
. tools/images/names.sh
. tools/compose/secrets.sh
. tools/compose/certificates.sh
help_wanted "$0" "$@"

up() {
  local program
  for program in user-service notification-service; do
    docker image inspect "$(image_of "$program")" >/dev/null 2>&1 || {
      bash tools/images.sh
      break
    }
  done
  make_secrets
  [ -z "$production" ] || make_certificates "$SECRETS/tls"
  docker compose up --detach --wait --wait-timeout 120 "$@"
  addresses
}

# address SERVICE PORT TEXT: a line when the port is published on this machine.
address() {
  local at
  ! at=$(docker compose port "$1" "$2" 2>/dev/null) || [ "${at##*:}" = 0 ] || printf '  open   http://%-24s %s\n' "$at/" "$3"
}

addresses() {
  echo
  address user-service 8080 "user-service: accounts"
  address notification-service 8081 "notification-service: its API"
  address mailpit 8025 "the mails that were sent"
  address rabbitmq 15672 "RabbitMQ: user micro_sayur, password in $SECRETS/rabbitmq_password"
  echo "  admin  ${ADMIN_EMAIL:-admin@localhost}, password in $SECRETS/admin_password"
}

docker compose version >/dev/null 2>&1 || fail $TOOLS_ABSENT "Docker with its plugin compose (2.24 or later) is needed"
production=
if [ "${1:-}" = --production ]; then
  production=yes
  export COMPOSE_FILE=${COMPOSE_FILE:-docker-compose.yml:compose.prod.yml}
  shift
fi
[ $# -gt 0 ] || fail 64 "say what: up, down or logs; see ./sayur compose --help"
subcommand=$1
shift
case $subcommand in
  up) up "$@" ;;
  down | logs) docker compose "$subcommand" "$@" ;;
  *) fail 64 "there is no \"$subcommand\"; see ./sayur compose --help" ;;
esac
