#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Usage: ./sayur compose [--production] [--backup] [--replicas] [--pooler] [--observability] [--logging] [--tracing] up|down|secrets|restore|SUBCOMMAND [ARGUMENT...]
#
#   up        makes the secrets (.secrets/) and images that are absent, then runs docker compose up --wait and prints the
#             addresses
#   down      docker compose down: stops everything; the data stay
#   secrets   makes the secrets that are absent, and nothing else
#   restore   of a stack with --backup: the database as its repositories have it, with no session of before;
#             [--repository 2] [--to TIME] [--replace | --discard] [--copy]; with --copy, for where what it is made of may run
#             on, the services start with MAIL_RECIPIENTS=nobody, which .env has to say from then on
#   logs, ps, restart, exec, port, ...
#             docker compose, with the files of what runs: ./sayur compose restart alertmanager
#
# --production adds compose.prod.yml, and certificates of the data servers to the secrets; --backup adds compose.backup.yml: backups of
# the database in two repositories, with keys among the secrets; --replicas adds compose.replicas.yml: two standbys, one of which takes
# over when the database is lost; --pooler adds compose.pooler.yml: a PgBouncer in front of each; --observability adds
# compose.observability.yml: metrics, alerts and dashboards; --logging adds compose.logging.yml: every container's lines in one place;
# --tracing adds compose.tracing.yml: spans of requests. What several need together is in a file of their names. Each may stand after
# up and down as well. `up` makes the stack what they say: without one that was given before, what it added is taken away.
#
# Further arguments go to docker compose: ./sayur compose down --volumes also deletes the data.
set -euo pipefail
. tools/lib.sh
. tools/images/names.sh
. tools/compose/secrets.sh
. tools/compose/certificates.sh
. tools/compose/failures.sh
. tools/compose/replicas.sh
. tools/compose/restore.sh
help_wanted "$0" "$@"

prepare() {
  local program
  for program in user-service notification-service; do
    docker image inspect "$(image_of "$program")" >/dev/null 2>&1 || {
      bash tools/images.sh
      break
    }
  done
  [ -z "$backup$replicas" ] || docker image inspect "$(image_of postgres)" >/dev/null 2>&1 || bash tools/images.sh postgres
  refuse_foreign_volumes
  make_secrets
  [ -z "$backup" ] || make_backup_keys
  make_certificates "$SECRETS/tls" gateway ${prod:+postgres redis rabbitmq} \
    ${prod:+${replicas:+postgres-2 postgres-3}} ${prod:+${pooler:+pgbouncer ${replicas:+pgbouncer-2 pgbouncer-3}}}
  open_secrets
  open_configuration
}

# What is mounted out of the work tree has the mode that it got when it was checked out: 0600 and 0700 under umask 077.
open_configuration() {
  local mounted=(deployments/compose deployments/data deployments/gateway deployments/observability platform/page_frame/files)
  find "${mounted[@]}" -type f ! -perm -o=r -exec chmod a+r {} +
  find "${mounted[@]}" -type d ! -perm -o=rx -exec chmod a+rx {} +
}

# configured NAME: every value that Compose makes of the files and variables for it, a line each.
configured() {
  docker compose config 2>/dev/null | sed -n "s/^ *$1: //p" | tr -d '"' | sort -u
}

# docker-compose.yml publishes the data servers, the mails and the services themselves, all without TLS: on this machine alone.
refuse_open_address() {
  local address
  [ -z "$prod" ] || return 0
  for address in ${BIND_ADDRESS:-$(configured host_ip)}; do # .env is read by Compose
    case $address in
      localhost | 127.* | ::1 | "[::1]") ;;
      *)
        fail 64 "BIND_ADDRESS=$address would show PostgreSQL, Redis, RabbitMQ, every mail and the services without TLS to others; ./sayur compose --production up publishes the gateway's TLS port alone"
        ;;
    esac
  done
}

up() {
  local log code=0
  refuse_open_address
  prepare
  log=$(log_file compose-up)
  if [ -z "$replicas" ] && volume_exists etcd_data "${STANDBY_VOLUMES[@]}"; then
    ! volume_exists etcd_data || leave_replicas
    docker compose up --detach --wait postgres >"$log" 2>&1 || fail 1 "the first node does not start alone; see $log"
    forget_standbys
  fi
  { docker compose up --detach --wait --wait-timeout 120 --remove-orphans "$@" 2>&1 >&3 | tee "$log" >&2; } 3>&1 || code=$?
  [ $code -eq 0 ] || {
    tell_what_failed "$log" >&2
    exit $code
  }
  addresses
}

# address SERVICE PORT TEXT SCHEME: a line when the port is published on this machine.
address() {
  local at
  ! at=$(docker compose port "$1" "$2" 2>/dev/null) || [ "${at##*:}" = 0 ] || printf '  open   %-32s %s\n' "$4$at/" "$3"
}

addresses() {
  echo
  address gateway 8000 "the gateway; /users and /notifications lead to the services" http://
  address gateway 8443 "the same over TLS; its authority is $SECRETS/tls/authority.pem" https://
  address user-service 8080 "user-service itself" http://
  address notification-service 8081 "notification-service itself" http://
  address mailpit 8025 "the mails that were sent" http://
  address rabbitmq 15672 "RabbitMQ: user micro_sayur, password in $SECRETS/rabbitmq_password" http://
  address grafana 3000 "dashboards (Grafana): user admin, password in $SECRETS/grafana_password" http://
  address kibana 5601 "log lines (Kibana)" http://
  ! docker compose ps --quiet status-page >/dev/null 2>&1 || address gateway 8000 "what everybody sees of it: /status" http://
  address jaeger 16686 "traces (Jaeger)" http://
  address prometheus 9090 "metrics and alerts (Prometheus)" http://
  address alertmanager 9093 "who is told of which alert (Alertmanager)" http://
  echo "  admin  $(configured ADMIN_EMAIL), password in $SECRETS/admin_password"
  [ -z "$observability" ] || ! grep -q "alerts\.invalid" "$SECRETS/alert_pages_url" ||
    echo "  nobody is told of alerts yet: docs/operations/monitoring.md, \"Who is told\""
}

# recognise_parts: what runs, or has stopped, as if its options had been given: by the files of which its containers were made.
recognise_parts() {
  local part made_of
  [ -z "$(chosen_parts)" ] || return 0
  made_of=$(docker ps --all --filter "label=com.docker.compose.project=${COMPOSE_PROJECT_NAME:-micro-sayur}" \
    --format '{{.Label "com.docker.compose.project.config_files"}}' | tr , '\n' | sed 's#.*/##' | sort -u)
  for part in "${PARTS[@]}"; do
    ! grep -qxF "compose.$part.yml" <<<"$made_of" || declare -g "$part=yes"
  done
}

chosen_parts() {
  local part
  for part in "${PARTS[@]}"; do
    [ -z "${!part}" ] || echo "$part"
  done
}

# compose_files: docker-compose.yml, a file for each part, and one for what several need together, where there is one.
compose_files() {
  local part name names=("")
  printf docker-compose.yml
  for part in $(chosen_parts); do
    for name in "${names[@]}"; do
      [ ! -f "compose$name.$part.yml" ] || printf ':%s' "compose$name.$part.yml"
      names+=("$name.$part")
    done
  done
}

docker compose version >/dev/null 2>&1 || fail $TOOLS_ABSENT "Docker with its plugin compose (2.24 or later) is needed"
readonly PARTS=(prod backup replicas pooler observability logging tracing)
declare "${PARTS[@]/%/=}" by_hand=
words=()
for argument in "$@"; do
  if [[ "${words[0]:-}" =~ ^(up|down|secrets)?$ && $argument =~ ^--(production|backup|replicas|pooler|observability|logging|tracing)$ ]]; then
    declare "${BASH_REMATCH[1]/#production/prod}=yes"
  else
    words+=("$argument")
  fi
done
[ ${#words[@]} -gt 0 ] || fail 64 "say what: up, down, secrets, restore, or a subcommand of docker compose; see ./sayur compose --help"
subcommand=${words[0]}
set -- "${words[@]:1}"
case $subcommand in
  up | secrets) ;;
  down) backup=yes replicas=yes pooler=yes observability=yes logging=yes tracing=yes by_hand=yes ;; # what may run, or has run
  *) recognise_parts ;;
esac
for part in "${PARTS[@]}"; do # as COMPOSE_FILE has them, where somebody set that
  [[ ":${COMPOSE_FILE:-}:" != *[:/]compose.$part.yml:* ]] || declare "$part=yes"
done
files=$(compose_files)
profiles=${observability:+observability,grafana}${logging:+,logging}${tracing:+,tracing}${by_hand:+,by-hand}
[ "$files" = docker-compose.yml ] || export COMPOSE_FILE=${COMPOSE_FILE:-$files} COMPOSE_PROFILES=${COMPOSE_PROFILES:-${profiles#,}}
case $subcommand in
  up) up "$@" ;;
  secrets) prepare ;;
  restore)
    [ -n "$backup" ] || fail 64 "there are no backups: the stack does not run with --backup (./sayur compose --backup restore, where nothing runs yet)"
    ! volume_exists etcd_data || [ -n "$replicas" ] || fail 64 "this database has standbys: ./sayur compose --backup --replicas restore"
    prepare
    restore_database "$@"
    up
    [ "${MAIL_RECIPIENTS:-}" != nobody ] || echo "  nobody is mailed, for as long as MAIL_RECIPIENTS=nobody: put it into .env, which up reads the next time"
    ;;
  *) docker compose "$subcommand" "$@" ;;
esac
