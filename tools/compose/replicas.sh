# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Leaving the standbys of compose.replicas.yml without losing what they have.

readonly ROLE_SECONDS=90 NODES=(postgres postgres-2 postgres-3)
# Where there is etcd's, standbys may lead; where only these are, they have been left.
readonly STANDBY_VOLUMES=(postgres_{2,3}_{data,socket})

with_replicas() {
  COMPOSE_FILE=${COMPOSE_FILE:-docker-compose.yml}:compose.replicas.yml docker compose "$@"
}

# volume_exists NAME...: any of them.
volume_exists() {
  local name
  for name in "$@"; do
    ! docker volume inspect "$(project_name)_$name" >/dev/null 2>&1 || return 0
  done
  return 1
}

# role_of NODE: leader, sync_standby, replica; empty when Patroni does not say.
role_of() {
  with_replicas exec -T postgres patronictl list --format json </dev/null 2>/dev/null |
    python3 -c 'import json, sys; print(*(each["Role"].lower().replace(" ", "_") for each in json.load(sys.stdin) if each["Member"] == sys.argv[1]))' "$1" 2>/dev/null || true
}

# wait_role NODE ROLE...: until it has one of these.
wait_role() {
  local node=$1 deadline=$((SECONDS + ROLE_SECONDS)) role
  shift
  while true; do
    role=$(role_of "$node")
    [[ -z "$role" || " $* " != *" $role "* ]] || return 0
    [ $SECONDS -lt $deadline ] || return 1
    sleep 0.5
  done
}

# leave_replicas: the first node takes the lead, if it has not got it, and the others end. Only the one that is named in
# `synchronous_standby_names` may take over, so that the third node ends first.
leave_replicas() {
  local node leader='' log
  log=$(log_file compose-replicas)
  step "leaving the standbys: the first node is to be the only one"
  for node in "${NODES[@]}"; do
    [ "$(role_of "$node")" != leader ] || leader=$node
  done
  [ -n "$leader" ] || fail 1 "there are standbys, but no primary is to be seen; nothing was changed: ./sayur compose up --replicas, and then again"
  for node in postgres-2 postgres-3; do
    [ "$node" = "$leader" ] || with_replicas stop "$node" >>"$log" 2>&1 || not_left "$node does not end"
  done
  if [ "$leader" != postgres ]; then
    wait_role postgres sync_standby || not_left "the first node does not follow"
    with_replicas exec -T postgres patronictl switchover micro-sayur --leader "$leader" --candidate postgres --force \
      </dev/null >>"$log" 2>&1 || not_left "the first node does not take the lead"
    wait_role postgres leader || not_left "the first node does not take the lead"
    with_replicas stop "$leader" >>"$log" 2>&1 || not_left "$leader does not end"
  fi
  # It may have changed while the others ended.
  [ "$(role_of postgres)" = leader ] || not_left "the first node does not lead any more"
  with_replicas rm --force --stop postgres "${NODES[@]:1}" etcd >>"$log" 2>&1 || not_left "a container does not end"
  drop_volumes etcd_data
}

# not_left REASON
not_left() {
  fail 1 "$1, see $(log_file compose-replicas); nothing is lost: ./sayur compose up --replicas, and then again"
}

# forget_standbys: once the first node runs alone. Their slots, for which it would keep WAL for ever, then what they had.
forget_standbys() {
  docker compose exec -T postgres psql -XqAt -U micro_sayur -c \
    "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name IN ('postgres_2', 'postgres_3') AND NOT active" \
    </dev/null >/dev/null || fail 1 "PostgreSQL does not forget the standbys' slots: ./sayur compose up tries again"
  drop_volumes "${STANDBY_VOLUMES[@]}"
}

# drop_volumes NAME...: with every container that looks at one, such as the backup job's.
drop_volumes() {
  local volume users
  for volume in "$@"; do
    volume_exists "$volume" || continue
    mapfile -t users < <(docker ps --all --quiet --filter "volume=$(project_name)_$volume")
    [ ${#users[@]} -eq 0 ] || docker rm --force "${users[@]}" >/dev/null
    docker volume rm "$(project_name)_$volume" >/dev/null
  done
}
