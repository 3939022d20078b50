#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Usage: ./sayur doctor [--stack [--namespace NAMESPACE] [--json]]
#
# Says what this machine lacks for building, testing, linting and measuring, and the command that mends it. Exit code 1
# when building is not possible yet.
#
# --stack asks every part of what runs instead, and says of each its state, since when, and what to do: the compose stack of
# this folder, or with --namespace that of the cluster that kubectl means; --json for programs. Exit code 1 when one is wrong.
set -euo pipefail
. tools/lib.sh
. tools/instance.sh
help_wanted "$0" "$@"

if [ "${1:-}" = --stack ]; then
  shift
  exec /usr/bin/python3 tools/doctor/stack.py "$@"
fi
[ $# -eq 0 ] || fail 64 "there is no option \"$1\"; see ./sayur doctor --help"

code=0
root=$(as_root)
[ "$root" != unknown ] || root="(as root)"

report() {
  printf '%-8s %s\n' "$1" "$2"
}

check_packages() {
  local missing
  missing=$(missing_packages "$1" | tr '\n' ' ')
  if [ -z "$missing" ]; then
    report ok "$2: every package of tools/packages/$1.txt is installed"
  else
    report missing "$2: ${missing% }"
    echo "         mend: ${root:+$root }apt-get install --no-install-recommends ${missing% }"
    [ "$1" != build ] || code=1
  fi
}

check_system() {
  local name
  name=$(. /etc/os-release && echo "$PRETTY_NAME")
  if [[ $name == "Debian GNU/Linux 12"* ]]; then report ok "$name"; else report note "$name: the packages are named for Debian 12"; fi
}

check_room() {
  local free
  free=$(($(stat -f -c '%a * %S' .) / 1048576))
  if [ "$free" -ge 3072 ]; then
    report ok "disk: $free MiB free"
  else
    report short "disk: $free MiB free; a build with tests takes 3072 MiB"
  fi
}

check_ports() {
  local i host pid
  if pid=$(running_pid); then
    report ok "micro-sayur is running (process $pid)"
    return
  fi
  for i in 0 1; do
    host=$(reachable_host "$i")
    if port_taken "$host" "${PORTS[i]}"; then
      report taken "port ${PORTS[i]} of $host, which ./sayur up needs"
      echo "         find the program: ss -ltnp 'sport = :${PORTS[i]}'"
    fi
  done
}

check_system
check_packages build "build"
check_packages test "test"
check_packages python "test without compiling"
check_packages lint "lint"
check_packages bench "bench"
check_packages browser "browser tests"
check_room
check_ports
exit $code
