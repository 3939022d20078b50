# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Leaving the standbys of compose.replicas.yml without losing what they have.

readonly ROLE_SECONDS=90

with_replicas() {
  COMPOSE_FILE=${COMPOSE_FILE:-docker-compose.yml}:compose.replicas.yml docker compose "$@"
}

standbys_are_there() {
  docker volume inspect "$(project_name)_etcd_data" >/dev/null 2>&1
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

# leave_replicas: the first node takes the lead, if it has not got it, and the others go with their volumes. Only the one that is named in
# `synchronous_standby_names` may take over, so that the third node goes first.
leave_replicas() {
  local node leader=''
  step "leaving the standbys: the first node is to be the only one"
  for node in postgres postgres-2 postgres-3; do
    [ "$(role_of "$node")" != leader ] || leader=$node
  done
  [ -n "$leader" ] || fail 1 "there are standbys, but no primary is to be seen; nothing was changed: ./sayur compose up --replicas, and then again"
  for node in postgres-2 postgres-3; do
    [ "$node" = "$leader" ] || with_replicas stop "$node" >>"$(log_file compose-replicas)" 2>&1
  done
  if [ "$leader" != postgres ]; then
    wait_role postgres sync_standby || fail 1 "the first node does not follow; nothing is lost: ./sayur compose up --replicas, and then again"
    with_replicas exec -T postgres patronictl switchover micro-sayur --leader "$leader" --candidate postgres --force \
      </dev/null >>"$(log_file compose-replicas)" 2>&1 || fail 1 "the first node does not take the lead; see $(log_file compose-replicas)"
    wait_role postgres leader || fail 1 "the first node does not take the lead; see $(log_file compose-replicas)"
  fi
  drop_standbys
}

# drop_standbys: with what they had, what etcd knew of them, and every container that looks at either, such as the backup job's.
drop_standbys() {
  local volume users
  with_replicas rm --force --stop postgres postgres-2 postgres-3 etcd >>"$(log_file compose-replicas)" 2>&1
  for volume in etcd_data postgres_{2,3}_{data,socket}; do
    docker volume inspect "$(project_name)_$volume" >/dev/null 2>&1 || continue
    mapfile -t users < <(docker ps --all --quiet --filter "volume=$(project_name)_$volume")
    [ ${#users[@]} -eq 0 ] || docker rm --force "${users[@]}" >/dev/null
    docker volume rm "$(project_name)_$volume" >/dev/null
  done
}

# forget_slots: of standbys that will not come back, for which WAL would be kept for ever.
forget_slots() {
  docker compose exec -T postgres psql -XqAt -U micro_sayur -c \
    "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_type = 'physical' AND NOT active" </dev/null >/dev/null
}
