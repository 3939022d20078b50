#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Usage: ./sayur compose up|down|logs [ARGUMENT...]
#
#   up     makes the secrets (.secrets/) and images that are absent, then runs docker compose up --wait and prints the addresses
#   down   docker compose down: stops everything; the data stay
#   logs   docker compose logs: what the containers say
#
# Further arguments go to docker compose: ./sayur compose down --volumes also deletes the data.
set -euo pipefail
. tools/lib.sh
. tools/images/names.sh
. tools/compose/secrets.sh
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
  docker compose up --detach --wait --wait-timeout 120 "$@"
  addresses
}

addresses() {
  cat <<TEXT

  open   http://$(published user-service 8080)/   user-service: accounts
         http://$(published notification-service 8081)/docs   notification-service
         http://$(published mailpit 8025)/   the mails that were sent
         http://$(published rabbitmq 15672)/   RabbitMQ: user micro_sayur, password in $SECRETS/rabbitmq_password
  admin  ${ADMIN_EMAIL:-admin@localhost}, password in $SECRETS/admin_password
  stop   ./sayur compose down
TEXT
}

# published SERVICE PORT: the address on this machine.
published() {
  docker compose port "$1" "$2"
}

docker compose version >/dev/null 2>&1 || fail $TOOLS_ABSENT "Docker with its plugin compose (2.24 or later) is needed"
[ $# -gt 0 ] || fail 64 "say what: up, down or logs; see ./sayur compose --help"
subcommand=$1
shift
case $subcommand in
  up) up "$@" ;;
  down | logs) docker compose "$subcommand" "$@" ;;
  *) fail 64 "there is no \"$subcommand\"; see ./sayur compose --help" ;;
esac
