# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# The instance that `up` runs and `down` stops: its files, its addresses, whether it lives.

readonly BINARY=$PWD/build/release/bin/micro-sayur
readonly PID_FILE=$DATA/micro-sayur.pid
readonly LOG_FILE=$DATA/micro-sayur.log
readonly PORTS=(8080 8081)

# The process id of the running instance; fails when there is none. An id that went to another program does not count.
running_pid() {
  local pid program
  pid=$(cat "$PID_FILE" 2>/dev/null) && [ -n "$pid" ] || return 1
  program=$(readlink "/proc/$pid/exe") || return 1
  [ "${program% (deleted)}" = "$BINARY" ] && echo "$pid"
}

port_taken() {
  (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

# ready PORT: whether the service there answers GET /ready with 200.
ready() {
  local answer
  answer=$(
    exec 2>/dev/null 3<>"/dev/tcp/127.0.0.1/$1" || exit
    printf 'GET /ready HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n' >&3
    timeout 2 head -n 1 <&3
  )
  [[ $answer == "HTTP/1.1 200"* ]]
}

# One `up` or `down` at a time: the lock is on descriptor 9.
lock_instance() {
  mkdir -p "$DATA"
  exec 9>"$DATA/lock"
  flock -n 9 || fail 1 "another ./sayur up or down is at work"
}
