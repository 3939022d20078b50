# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# The instance that `up` runs and `down` stops: its files, its addresses, whether it lives.

readonly BINARY=$PWD/build/release/bin/micro-sayur
readonly PID_FILE=$DATA/micro-sayur.pid
readonly LOG_FILE=$DATA/micro-sayur.log
PORTS=("${HTTP_PORT:-8080}" "${NOTIFICATION_HTTP_PORT:-8081}")
HOSTS=("${HTTP_HOST:-127.0.0.1}" "${NOTIFICATION_HTTP_HOST:-127.0.0.1}")
readonly PORT_VARIABLES=(HTTP_PORT NOTIFICATION_HTTP_PORT)
readonly HOST_VARIABLES=(HTTP_HOST NOTIFICATION_HTTP_HOST)

# The process id of the running instance; fails when there is none. An id that went to another program does not count.
running_pid() {
  local pid program
  pid=$(cat "$PID_FILE" 2>/dev/null) && [ -n "$pid" ] || return 1
  program=$(readlink "/proc/$pid/exe") || return 1
  [ "${program% (deleted)}" = "$BINARY" ] && echo "$pid"
}

# What process PID was told to listen on, which need not be what the caller would choose.
adopt_addresses_of() {
  local i settings
  settings=$(tr '\0' '\n' <"/proc/$1/environ")
  for i in 0 1; do
    PORTS[i]=$(sed -n "s/^${PORT_VARIABLES[i]}=//p" <<<"$settings")
    HOSTS[i]=$(sed -n "s/^${HOST_VARIABLES[i]}=//p" <<<"$settings")
    HOSTS[i]=${HOSTS[i]:-127.0.0.1}
  done
}

# Where this machine reaches service I (0: user-service, 1: notification-service).
reachable_host() {
  case ${HOSTS[$1]} in
    0.0.0.0) echo 127.0.0.1 ;;
    ::) echo ::1 ;;
    *) echo "${HOSTS[$1]}" ;;
  esac
}

url_of() {
  local host
  host=$(reachable_host "$1")
  [[ $host != *:* ]] || host="[$host]"
  echo "http://$host:${PORTS[$1]}"
}

# refuse CODE FAULT…: ends with all of them; without any there is nothing to refuse.
refuse() {
  local code=$1
  shift
  [ $# -eq 0 ] || fail "$code" "$(printf '%s\n' "$@" | sed '2,$s/^/sayur: /')"
}

check_ports() {
  local i faults=()
  for i in 0 1; do
    if ! [[ ${PORTS[i]} =~ ^[1-9][0-9]{0,4}$ ]] || [ "${PORTS[i]}" -gt 65535 ]; then
      faults+=("${PORT_VARIABLES[i]}: \"${PORTS[i]}\" is not acceptable; set a port from 1 to 65535")
    fi
  done
  [ "${PORTS[0]}" != "${PORTS[1]}" ] || faults+=("HTTP_PORT and NOTIFICATION_HTTP_PORT are both ${PORTS[0]}; set two different ones")
  refuse 64 "${faults[@]}"
}

refuse_taken_ports() {
  local i host taken=()
  for i in 0 1; do
    host=$(reachable_host "$i")
    ! port_taken "$host" "${PORTS[i]}" || taken+=("port ${PORTS[i]} of $host is in use by another program (find it: ss -ltnp 'sport = :${PORTS[i]}'); ${PORT_VARIABLES[i]}=PORT chooses another")
  done
  refuse 1 "${taken[@]}"
}

port_taken() {
  (exec 3<>"/dev/tcp/$1/$2") 2>/dev/null
}

# ready I: whether service I answers GET /ready with 200.
ready() {
  local answer
  answer=$(
    exec 2>/dev/null 3<>"/dev/tcp/$(reachable_host "$1")/${PORTS[$1]}" || exit
    printf 'GET /ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' >&3
    timeout 2 head -n 1 <&3
  )
  [[ $answer == "HTTP/1.1 200"* ]]
}

# One `up` or `down` at a time: the lock is on descriptor 9.
# The folder and the log are closed to others from the first moment, whatever the caller's mask; one of an earlier version is closed now.
lock_instance() {
  umask 077
  local advice="MICRO_SAYUR_DATA names a folder that this user may write"
  mkdir -p "$DATA" 2>/dev/null || fail 1 "the data folder $DATA cannot be made; $advice"
  if [ -e "$DATA/lock" ]; then
    chmod 700 "$DATA"
    [ ! -e "$LOG_FILE" ] || chmod 600 "$LOG_FILE"
  fi
  { true >>"$DATA/lock"; } 2>/dev/null || fail 1 "the data folder $DATA cannot be written; $advice"
  exec 9>"$DATA/lock"
  flock -n 9 || fail 1 "another ./sayur up or down is at work"
}
