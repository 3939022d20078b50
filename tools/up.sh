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
# HTTP_PORT and NOTIFICATION_HTTP_PORT choose other ports. Run again it only says that it is running. Accounts, keys
# and the log live in .data/; MICRO_SAYUR_DATA=FOLDER puts them elsewhere. Stop with ./sayur down.
set -euo pipefail
. tools/lib.sh
. tools/instance.sh
help_wanted "$0" "$@"
[ $# -eq 0 ] || fail 64 "up takes no arguments; see ./sayur up --help"

addresses() {
  cat <<TEXT

  open   $(url_of 0)/          the service
         $(url_of 1)/mailbox   the mails that it sends
  log    $LOG_FILE
  stop   ${MICRO_SAYUR_DATA:+MICRO_SAYUR_DATA=$(printf %q "$MICRO_SAYUR_DATA") }./sayur down
TEXT
}

administrator() {
  [ -z "${ADMIN_EMAIL:-}" ] || return 0
  if [ -n "$new_password" ]; then
    echo "  admin  admin@localhost, password $(cat "$DATA/admin-password") (kept in $DATA/admin-password)"
  elif [ -e "$DATA/admin-password" ]; then
    echo "  admin  admin@localhost, first password in $DATA/admin-password"
  else
    echo "  admin  whom the first start in $DATA made; a new password: $(url_of 0)/forgot-password, whose mail comes to the mailbox"
  fi
}

start() {
  new_password=
  [ -e "$DATA/admin-password" ] || [ -e "$DATA/user-service.sqlite" ] || new_password=yes
  step "starting micro-sayur"
  launch &
  launched=$!
  echo $launched >"$PID_FILE" || { kill $launched; fail 1 "$PID_FILE cannot be written"; }
  wait_until_ready
  administrator
}

# Nothing of the caller's stays open in the background, such as a lock or a pipe.
launch() {
  local descriptor
  exec </dev/null >>"$LOG_FILE" 2>&1
  for descriptor in /proc/self/fd/*; do
    descriptor=${descriptor##*/}
    [ "$descriptor" -le 2 ] || eval "exec $descriptor>&-"
  done
  # Links in mails lead to where the pages are.
  export MICRO_SAYUR_DATA=$DATA HTTP_PORT=${PORTS[0]} NOTIFICATION_HTTP_PORT=${PORTS[1]} DRAIN_SECONDS=${DRAIN_SECONDS:-0}
  export PUBLIC_BASE_URL=${PUBLIC_BASE_URL:-$(url_of 0)}
  exec setsid "$BINARY"
}

wait_until_ready() {
  local i deadline=$((SECONDS + 60))
  for i in 0 1; do
    until ready "$i"; do
      kill -0 $launched 2>/dev/null || failed_to_start "micro-sayur ended while starting"
      [ $SECONDS -lt $deadline ] || failed_to_start "micro-sayur is not ready after 60 s, and was stopped"
      sleep 0.1
    done
  done
  step "ready"
}

failed_to_start() {
  tail -n 20 "$LOG_FILE" >&2
  kill -TERM $launched 2>/dev/null || true
  fail 1 "$1; the whole log: $LOG_FILE"
}

callers_mask=$(umask)
lock_instance
if pid=$(running_pid); then
  echo "micro-sayur is running (process $pid)."
  adopt_addresses_of "$pid"
  addresses
  exit 0
fi
check_ports
refuse_taken_ports
(umask "$callers_mask" && install_packages build && build release micro-sayur) || exit $?
start
addresses
