# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# The database of components/backup, as its repositories have it (docs/operations/data.md).

readonly RESTORE_SECONDS=3600 USERS_OF_DATABASE=(user-service notification-service) NOTED=replicas-before-restore

# restore_database FOLDER NAMESPACE OPTION...: as backup_restore.py takes them; with --copy the services mail nobody. FOLDER is for
# what passes through. The services start when sessions are ended and the erased are erased anew.
restore_database() {
  local folder=$1 namespace=$2 option copy=""
  shift 2
  for option in "$@"; do
    [ "$option" != --copy ] || copy=yes
  done
  connect
  kubectl -n "$namespace" get cronjob restore >/dev/null || fail 1 "$namespace has no backups: its overlay lacks components/backup"
  step "looking at the backups"
  ! kubectl -n "$namespace" get pod postgres-0 >/dev/null 2>&1 ||
    kubectl -n "$namespace" exec postgres-0 --container backup -- python3 /opt/micro-sayur/backup/backup_restore.py --check "$@" ||
    fail 1 "nothing was changed"
  recipients_of_restored "$(recipients "$namespace")" "$copy"
  # First: whoever goes on by hand, after what fails below, mails nobody either.
  [ -z "$copy" ] || mail_nobody "$namespace" ||
    fail 1 "nothing was changed: MAIL_RECIPIENTS of the Deployment notification-service is no key of a ConfigMap, which could be changed here: take it from one"
  step "stopping what uses the database"
  stop_users "$namespace"
  kubectl -n "$namespace" scale statefulset postgres --replicas 0 >/dev/null
  kubectl -n "$namespace" wait pod postgres-0 --for delete --timeout 120s >/dev/null 2>&1 || true
  make_data_claim "$namespace"
  step "restoring"
  run_job "$namespace" restore "RESTORE_OPTIONS=$*" || {
    tell_how_to_go_on "$namespace" "$copy" >&2
    fail 1 "nothing was restored, and nothing runs: it says above what is there. After a kill say the same again first"
  }
  kubectl -n "$namespace" scale statefulset postgres --replicas 1 >/dev/null
  kubectl -n "$namespace" rollout status statefulset postgres --timeout "${RESTORE_SECONDS}s" >/dev/null
  wait_replayed "$namespace"
  step "ending sessions, erasing anew"
  kubectl -n "$namespace" exec postgres-0 --container backup -- python3 /opt/micro-sayur/backup/backup_job.py --erasures >"$folder/erased"
  kubectl -n "$namespace" create configmap erased --from-file="$folder/erased" --dry-run=client -o yaml | kubectl -n "$namespace" apply -f - >/dev/null
  run_job "$namespace" after-restore || fail 1 "sessions and the erased are as they were then: start no service before this Job has run; say the same again, with --replace"
  kubectl -n "$namespace" delete configmap erased >/dev/null
  start_users "$namespace"
}

# recipients NAMESPACE: who is mailed, as notification-service is told.
recipients() {
  kubectl -n "$1" set env deployment/notification-service --list --resolve 2>/dev/null | sed -n 's/^MAIL_RECIPIENTS=//p'
}

# mail_nobody NAMESPACE: in the ConfigMap, which the next apply makes what the overlay says. Fails where the Deployment takes it from none.
mail_nobody() {
  local name
  name=$(kubectl -n "$1" get deployment notification-service \
    -o jsonpath='{.spec.template.spec.containers[0].env[?(@.name=="MAIL_RECIPIENTS")].valueFrom.configMapKeyRef.name}') && [ -n "$name" ] &&
    kubectl -n "$1" patch configmap "$name" --type merge --patch '{"data":{"mail.recipients":"nobody"}}' >/dev/null
}

# tell_how_to_go_on NAMESPACE COPY
tell_how_to_go_on() {
  local namespace=$1 copy=$2 each
  [ -z "$copy" ] || echo "The services mail nobody (MAIL_RECIPIENTS=nobody) until the overlay is applied again."
  echo "To go on with what is there (where nothing is, with an empty database):"
  echo "  kubectl -n $namespace scale statefulset postgres --replicas 1"
  for each in "${USERS_OF_DATABASE[@]}"; do
    echo "  kubectl -n $namespace scale deployment $each --replicas $(replicas_before "$namespace" "$each")"
  done
}

# stop_users NAMESPACE: how many replicas each had is noted there, for whoever says the same again. An autoscaler leaves alone what has none.
stop_users() {
  local each replicas
  for each in "${USERS_OF_DATABASE[@]}"; do
    replicas=$(kubectl -n "$1" get deployment "$each" -o jsonpath='{.spec.replicas}' 2>/dev/null) || continue
    [ "$replicas" = 0 ] || kubectl -n "$1" annotate --overwrite deployment "$each" "$NOTED=$replicas" >/dev/null
    kubectl -n "$1" scale deployment "$each" --replicas 0 >/dev/null
  done
}

# replicas_before NAMESPACE DEPLOYMENT: as stop_users has noted; 0 where it had none.
replicas_before() {
  local replicas
  replicas=$(kubectl -n "$1" get deployment "$2" -o jsonpath="{.metadata.annotations.$NOTED}" 2>/dev/null) || true
  echo "${replicas:-0}"
}

# start_users NAMESPACE
start_users() {
  local each replicas
  for each in "${USERS_OF_DATABASE[@]}"; do
    replicas=$(replicas_before "$1" "$each")
    if [ "$replicas" != 0 ]; then
      kubectl -n "$1" scale deployment "$each" --replicas "$replicas" >/dev/null
      kubectl -n "$1" annotate deployment "$each" "$NOTED-" >/dev/null
    fi
  done
}

# make_data_claim NAMESPACE: where the disk is lost, another one.
make_data_claim() {
  local spec
  ! kubectl -n "$1" get persistentvolumeclaim data-postgres-0 >/dev/null 2>&1 || return 0
  spec=$(kubectl -n "$1" get statefulset postgres -o jsonpath='{.spec.volumeClaimTemplates[0].spec}')
  kubectl -n "$1" apply -f - >/dev/null <<<'{"apiVersion":"v1","kind":"PersistentVolumeClaim","metadata":{"name":"data-postgres-0","labels":{"app":"postgres"}},"spec":'"$spec}"
}

# run_job NAMESPACE CRONJOB [VARIABLE=VALUE]: to its end; prints what it said.
run_job() {
  local job=$2 phase
  # In the foreground: the pod of one that was interrupted works on until it is gone.
  kubectl -n "$1" delete job "$job" --ignore-not-found --cascade=foreground --wait >/dev/null
  kubectl -n "$1" create job "$job" --from "cronjob/$2" --dry-run=client -o json |
    { if [ $# -gt 2 ]; then kubectl set env --local -f - "$3" -o json; else cat; fi; } | kubectl -n "$1" apply -f - >/dev/null || return 1
  while true; do
    phase=$(kubectl -n "$1" get job "$job" -o jsonpath='{.status.conditions[?(@.status=="True")].type}')
    case $phase in *Complete* | *Failed*) break ;; esac
    [ $SECONDS -lt $RESTORE_SECONDS ] || fail 1 "the Job $job does not end: kubectl -n $1 describe job $job"
    sleep 1
  done
  kubectl -n "$1" logs "job/$job" || true
  case $phase in *Failed*) return 1 ;; esac
}

wait_replayed() {
  step "replaying WAL"
  until [ "$(kubectl -n "$1" exec postgres-0 --container postgres -- psql -XqAt -U micro_sayur -d micro_sayur -c 'SELECT pg_is_in_recovery()' 2>/dev/null)" = f ]; do
    [ $SECONDS -lt $RESTORE_SECONDS ] || fail 1 "WAL was not replayed: kubectl -n $1 logs postgres-0 -c postgres"
    sleep 0.5
  done
}
