#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Usage: ./sayur down
#
# Stops what ./sayur up started: requests that are running are finished, nothing is lost. ./sayur up starts it again with
# every account. When nothing runs there is nothing to do.
set -euo pipefail
. tools/lib.sh
. tools/instance.sh
help_wanted "$0" "$@"
[ $# -eq 0 ] || fail 64 "down takes no arguments; see ./sayur down --help"

lock_instance
if ! pid=$(running_pid); then
  rm -f "$PID_FILE"
  echo "micro-sayur is not running."
  exit 0
fi
step "stopping micro-sayur (process $pid)"
kill -TERM "$pid"
while running_pid >/dev/null; do
  [ $SECONDS -lt 90 ] || fail 1 "process $pid is still running after 90 s; its log: $LOG_FILE"
  sleep 0.1
done
rm -f "$PID_FILE"
step "stopped"
