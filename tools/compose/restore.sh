# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# The database of a stack with --backup, as its repositories have it (docs/operations/data.md).

readonly REPLAY_SECONDS=1800
readonly NOT_RESTORED="nothing was restored, and nothing runs: it says above what is there. ./sayur compose up goes on with that, or makes an \
empty database where nothing is. After a kill say the same again first"

# restore_database OPTION...: as backup_restore.py takes them; with --copy the services mail nobody. They start when sessions are
# ended and the erased are erased anew. Standbys begin anew: the first node is restored as if it were the only one.
restore_database() {
  local option copy="" erased code=0 COMPOSE_FILE=${COMPOSE_FILE:-} COMPOSE_IGNORE_ORPHANS=true
  for option in "$@"; do
    [ "$option" != --copy ] || copy=yes
  done
  export COMPOSE_FILE COMPOSE_IGNORE_ORPHANS
  COMPOSE_FILE=$(tr : '\n' <<<"$COMPOSE_FILE" | sed '/\.replicas\./d' | paste -sd :)
  step "looking at the backups"
  docker compose run --rm --no-deps -T restore --check "$@" </dev/null || fail 1 "nothing was changed"
  recipients_of_restored "$(configured MAIL_RECIPIENTS)" "$copy"
  [ -z "$copy" ] || export MAIL_RECIPIENTS=nobody # for whoever starts the services
  step "stopping what uses the database"
  stop_all >"$(log_file compose-restore)" 2>&1 || fail 1 "not all ended, and nothing was restored; see $(log_file compose-restore)"
  step "restoring"
  docker compose run --rm --no-deps -T restore "$@" </dev/null || fail 1 "$NOT_RESTORED${copy:+. Start a copy with MAIL_RECIPIENTS=nobody}"
  [ -z "$replicas" ] || drop_volumes "${STANDBY_VOLUMES[@]}" etcd_data
  docker compose up --detach --wait postgres >>"$(log_file compose-restore)" 2>&1 || fail 1 "PostgreSQL does not start: ./sayur compose logs postgres"
  wait_replayed
  erased=$(mktemp)
  step "ending sessions, erasing anew"
  docker compose run --rm --no-deps -T --entrypoint "python3 /opt/micro-sayur/backup/backup_job.py --erasures" restore </dev/null >"$erased" &&
    docker compose run --rm --no-deps -T user-service-migrate after-restore /dev/stdin <"$erased" || code=$?
  rm "$erased"
  [ $code -eq 0 ] || fail 1 "sessions and the erased are as they were then: no service may start before user-service after-restore has run${copy:+, nor on a copy without MAIL_RECIPIENTS=nobody}"
}

stop_all() {
  docker compose stop user-service notification-service backup || return 1
  if [ -n "$replicas" ]; then
    with_replicas stop "${NODES[@]}" etcd
  else
    docker compose stop postgres
  fi
}

wait_replayed() {
  local deadline=$((SECONDS + REPLAY_SECONDS))
  step "replaying WAL"
  until [ "$(docker compose exec -T postgres psql -XqAt -U micro_sayur -c 'SELECT pg_is_in_recovery()' </dev/null 2>/dev/null)" = f ]; do
    [ $SECONDS -lt $deadline ] || fail 1 "WAL was not replayed within $REPLAY_SECONDS s: ./sayur compose logs postgres"
    sleep 0.5
  done
}
