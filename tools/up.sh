#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Usage: ./sayur up
#
# Installs what building needs and is missing (tools/packages/build.txt; as root or through sudo), builds a release of
# micro-sayur, starts it in the background and waits until it is ready:
#
#   http://127.0.0.1:8080/         user-service: accounts
#   http://127.0.0.1:8081/mailbox  notification-service: the mails that were sent
#
# HTTP_PORT and NOTIFICATION_HTTP_PORT choose other ports. Run again it only says that it is running. Accounts, keys and the log live in .data/; MICRO_SAYUR_DATA=FOLDER puts them
# elsewhere. Stop with ./sayur down.
set -euo pipefail
. tools/lib.sh
. tools/instance.sh
help_wanted "$0" "$@"
[ $# -eq 0 ] || fail 64 "up takes no arguments; see ./sayur up --help"

addresses() {
  cat <<TEXT

  open   http://127.0.0.1:${PORTS[0]}/          the service
         http://127.0.0.1:${PORTS[1]}/mailbox   the mails that it sends
  log    $LOG_FILE
  stop   ./sayur down
TEXT
}

start() {
  local known_admin=${ADMIN_EMAIL:-}
  [ ! -e "$DATA/admin-password" ] || known_admin=yes
  step "starting micro-sayur"
  # Links in mails lead to where the pages are.
  MICRO_SAYUR_DATA=$DATA HTTP_PORT=${PORTS[0]} NOTIFICATION_HTTP_PORT=${PORTS[1]} PUBLIC_BASE_URL=${PUBLIC_BASE_URL:-http://127.0.0.1:${PORTS[0]}} DRAIN_SECONDS=${DRAIN_SECONDS:-0} \
    setsid "$BINARY" </dev/null >>"$LOG_FILE" 2>&1 9>&- &
  echo $! >"$PID_FILE"
  wait_until_ready
  [ -n "$known_admin" ] || echo "  admin  admin@localhost, password $(cat "$DATA/admin-password" 2>/dev/null) (kept in $DATA/admin-password)"
}

wait_until_ready() {
  local port deadline=$((SECONDS + 60))
  for port in "${PORTS[@]}"; do
    until ready "$port"; do
      running_pid >/dev/null || failed_to_start "micro-sayur ended while starting"
      [ $SECONDS -lt $deadline ] || failed_to_start "micro-sayur is not ready after 60 s"
      sleep 0.1
    done
  done
  step "ready"
}

failed_to_start() {
  tail -n 20 "$LOG_FILE" >&2
  fail 1 "$1; the whole log: $LOG_FILE"
}

callers_mask=$(umask)
lock_instance
if pid=$(running_pid); then
  echo "micro-sayur is running (process $pid)."
  mapfile -t PORTS < <(ports_of "$pid")
  addresses
  exit 0
fi
check_ports
refuse_taken_ports
(umask "$callers_mask" && install_packages build && build release micro-sayur) || exit $?
start
addresses
