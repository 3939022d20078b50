# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# The instance that `up` runs and `down` stops: its files, its addresses, whether it lives.

readonly BINARY=$PWD/build/release/bin/micro-sayur
readonly PID_FILE=$DATA/micro-sayur.pid
readonly LOG_FILE=$DATA/micro-sayur.log
PORTS=("${HTTP_PORT:-8080}" "${NOTIFICATION_HTTP_PORT:-8081}")
readonly PORT_VARIABLES=(HTTP_PORT NOTIFICATION_HTTP_PORT)

# The process id of the running instance; fails when there is none. An id that went to another program does not count.
running_pid() {
  local pid program
  pid=$(cat "$PID_FILE" 2>/dev/null) && [ -n "$pid" ] || return 1
  program=$(readlink "/proc/$pid/exe") || return 1
  [ "${program% (deleted)}" = "$BINARY" ] && echo "$pid"
}

# The ports on which process PID was told to listen, which need not be those that the caller would choose.
ports_of() {
  local name
  for name in "${PORT_VARIABLES[@]}"; do
    tr '\0' '\n' <"/proc/$1/environ" | sed -n "s/^$name=//p"
  done
}

check_ports() {
  local i
  for i in 0 1; do
    if ! [[ ${PORTS[i]} =~ ^[1-9][0-9]{0,4}$ ]] || [ "${PORTS[i]}" -gt 65535 ]; then
      fail 64 "${PORT_VARIABLES[i]}: \"${PORTS[i]}\" is not acceptable; set a port from 1 to 65535"
    fi
  done
  [ "${PORTS[0]}" != "${PORTS[1]}" ] || fail 64 "HTTP_PORT and NOTIFICATION_HTTP_PORT are both ${PORTS[0]}; set two different ones"
}

# Names every port that is taken, not the first alone.
refuse_taken_ports() {
  local i taken=()
  for i in 0 1; do
    ! port_taken "${PORTS[i]}" || taken+=("port ${PORTS[i]} of 127.0.0.1 is in use by another program (find it: ss -ltnp 'sport = :${PORTS[i]}'); ${PORT_VARIABLES[i]}=PORT chooses another")
  done
  [ ${#taken[@]} -eq 0 ] || fail 1 "$(printf '%s\n' "${taken[@]}" | sed '2,$s/^/sayur: /')"
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
# The folder and the log are closed to others from the first moment, whatever the caller's mask; one of an earlier version is closed now.
lock_instance() {
  umask 077
  mkdir -p "$DATA"
  if [ -e "$DATA/lock" ]; then
    chmod 700 "$DATA"
    [ ! -e "$LOG_FILE" ] || chmod 600 "$LOG_FILE"
  fi
  exec 9>"$DATA/lock"
  flock -n 9 || fail 1 "another ./sayur up or down is at work"
}
