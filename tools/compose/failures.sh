# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# What did not come up: its name, its last lines, what to do.

readonly FAILURE_LINES=10

# tell_what_failed LOG: LOG has what docker compose said.
tell_what_failed() {
  local name state health code id
  tell_taken_port "$1"
  while IFS='|' read -r name state health code id; do
    case $state/$health/$code in
      running/healthy/* | running//* | exited/*/0) ;;
      created/*) printf '\n%s was not started: what it depends on did not come up\n' "$name" ;;
      *) tell_container "$name" "$state${health:+, $health}" "$code" "$id" ;;
    esac
  done < <(docker compose ps --all --format '{{.Name}}|{{.State}}|{{.Health}}|{{.ExitCode}}|{{.ID}}')
}

# tell_container NAME STATE EXIT_CODE ID
tell_container() {
  local lines
  lines=$(docker logs --tail "$FAILURE_LINES" "$4" 2>&1) || true
  printf '\n%s did not come up: %s, exit code %s; its last lines:\n' "$1" "$2" "$3"
  if [ -n "$lines" ]; then printf '%s\n' "$lines" | sed 's/^/  /'; else echo "  (it said nothing)"; fi
  printf 'what to do: %s\n' "$(advice "$3" "$lines")"
}

# advice EXIT_CODE LINES
advice() {
  case $1/$2 in
    *"password authentication failed"* | *"ACCESS_REFUSED"*)
      echo "the volume was filled with another password than the file in $SECRETS holds: put the old one into the file, or change the server's (docs/operations/compose.md)"
      ;;
    *"ermission denied"*) echo "a file cannot be read by the container's user: ./sayur compose secrets opens those that it knows" ;;
    *"o space left on device"*) echo "make room on this machine's disk, then ./sayur compose up again" ;;
    78/* | *"the configuration has "*" fault"*) echo "its lines name every fault of the configuration: set those variables right, then ./sayur compose up again" ;;
    137/*) echo "it was killed, for want of memory most likely: docker inspect says OOMKilled; give this machine more" ;;
    *) echo "./sayur compose logs shows all of it; ./sayur compose up tries again" ;;
  esac
}

# A port that another program has is named with the variable that chooses another.
tell_taken_port() {
  local port
  { grep -E 'already (in use|allocated)' "$1" || true; } | { grep -oE ':[0-9]+' || true; } | sort -u | while IFS=: read -r _ port; do
    ! port_is_published "$port" ||
      printf '\nport %s of this machine is in use by another program (find it: ss -ltnp "sport = :%s")%s\n' "$port" "$port" "$(port_variable "$port")"
  done
}

port_is_published() {
  docker compose config 2>/dev/null | grep -qx " *published: \"$1\""
}

# port_variable PORT: what is to be set for another one.
port_variable() {
  local found
  found=$(docker compose config --no-interpolate 2>/dev/null | grep -o '[A-Z_]*_PORT:-[0-9]*' | sort -u | while IFS=':' read -r name default; do
    [ "${!name:-${default#-}}" != "$1" ] || echo "$name"
  done)
  [ -z "$found" ] || printf '; %s=PORT chooses another' "${found%%$'\n'*}"
}
