#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Usage: tools/ci/restore_drill.sh run|delete NAME
#
#   run      restores the database of staging as it was DRILL_MINUTES (10) ago into a new instance NAME of RDS, and looks
#            at it: schema versions, rows, none newer than that moment, indexes and tables by amcheck. Prints recovery time
#            (RTO) and recovery point (RPO); fails over RTO_GOAL (14400) and RPO_GOAL (3600), in seconds.
#   delete   deletes the instance NAME without a last snapshot, and waits until it is gone
#
# NAME begins with micro-sayur-staging-drill-: another is refused. DRILL_SECURITY_GROUP is the new instance's security
# group, which lets this machine in (output restore_drill of deployments/terraform/environments/staging). With aws, as the
# role that this job has taken, and psql.
set -euo pipefail
cd "$(dirname "$0")/../.."
. tools/lib.sh
help_wanted "$0" "$@"

readonly SOURCE=micro-sayur-staging
readonly PREFIX=$SOURCE-drill-
readonly POLL_SECONDS=${DRILL_POLL_SECONDS:-15} WAIT_SECONDS=${DRILL_WAIT_SECONDS:-3600}
readonly RTO_GOAL=${RTO_GOAL:-14400} RPO_GOAL=${RPO_GOAL:-3600}

[ $# -eq 2 ] || fail 64 "say run or delete, and the name of the new instance; see tools/ci/restore_drill.sh --help"
readonly action=$1 name=$2
[[ $name =~ ^${PREFIX}[a-z0-9-]+$ ]] || fail 64 "\"$name\" does not begin with $PREFIX: nothing else is made or deleted here"
command -v aws >/dev/null || fail $TOOLS_ABSENT "aws is needed"

# ask INSTANCE FIELD: an attribute of an instance, or several with tabs between them; nothing where there is no such instance.
ask() {
  local said
  if said=$(aws rds describe-db-instances --db-instance-identifier "$1" --query "DBInstances[0].$2" --output text 2>&1); then
    echo "$said"
  elif [[ $said != *DBInstanceNotFound* ]]; then
    fail 1 "RDS does not say what $1 is: $said"
  fi
}

# wait_or_end DEADLINE WHAT
wait_or_end() {
  [ "$SECONDS" -lt "$1" ] || fail 1 "$2 within $WAIT_SECONDS s"
  sleep "$POLL_SECONDS"
}

# RDS refuses to delete an instance while it is busy.
delete() {
  local state said='' deadline=$((SECONDS + WAIT_SECONDS))
  state=$(ask "$name" DBInstanceStatus)
  while [ -n "$state" ]; do
    [ "$state" = deleting ] || said=$(aws rds delete-db-instance --db-instance-identifier "$name" --skip-final-snapshot --delete-automated-backups 2>&1) ||
      step "not deleted yet: $said"
    wait_or_end "$deadline" "$name is $state and was not deleted: delete it by hand, it costs money. It was not gone"
    state=$(ask "$name" DBInstanceStatus)
  done
  step "there is no $name"
}

restore() {
  local known latest subnets parameters now state deadline=$((SECONDS + WAIT_SECONDS))
  known=$(ask "$SOURCE" '[LatestRestorableTime,DBSubnetGroup.DBSubnetGroupName,DBParameterGroups[0].DBParameterGroupName]')
  read -r latest subnets parameters <<<"$known"
  [[ $latest == 20* ]] || fail 1 "there is no $SOURCE, or RDS keeps no log of it: nothing to restore"
  now=$(date +%s)
  recovery_point=$((now - $(date --date "$latest" +%s)))
  moment=$((now - ${DRILL_MINUTES:-10} * 60))
  [ "$moment" -le $((now - recovery_point)) ] || moment=$((now - recovery_point))
  step "restoring $SOURCE as it was at $(date --utc --date "@$moment" +%FT%TZ) into $name"
  aws rds restore-db-instance-to-point-in-time --source-db-instance-identifier "$SOURCE" --target-db-instance-identifier "$name" \
    --restore-time "$(date --utc --date "@$moment" +%FT%TZ)" --db-subnet-group-name "$subnets" \
    --db-parameter-group-name "$parameters" --vpc-security-group-ids "$DRILL_SECURITY_GROUP" --no-multi-az --no-publicly-accessible \
    --no-deletion-protection >/dev/null || fail 1 "RDS restores nothing"
  state=$(ask "$name" DBInstanceStatus)
  while [ "$state" != available ]; do
    [[ $state != *failed* && $state != incompatible-* && -n $state ]] || fail 1 "the restore ended as \"$state\""
    wait_or_end "$deadline" "$name is $state, and was not available"
    state=$(ask "$name" DBInstanceStatus)
  done
  step "$name is available"
}

# A password that nobody else ever has, in place of the one that was restored.
log_in() {
  local known deadline=$((SECONDS + WAIT_SECONDS))
  (umask 077 && openssl rand -hex 24 >"$work/password")
  aws rds modify-db-instance --db-instance-identifier "$name" --no-manage-master-user-password \
    --master-user-password "file://$work/password" --apply-immediately >/dev/null || fail 1 "$name took no new password"
  known=$(ask "$name" '[Endpoint.Address,Endpoint.Port,MasterUsername]')
  read -r PGHOST PGPORT PGUSER <<<"$known"
  (umask 077 && printf '*:*:*:*:%s\n' "$(cat "$work/password")" >"$work/pgpass")
  export PGHOST PGPORT PGUSER PGPASSFILE=$work/pgpass PGDATABASE=micro_sayur PGCONNECT_TIMEOUT=10 PGSSLMODE=${PGSSLMODE:-verify-full} \
    PGSSLROOTCERT=${PGSSLROOTCERT:-deployments/k8s/overlays/aws-staging/aws/rds-authority.pem}
  until psql --no-psqlrc --quiet --command 'SELECT' >"$work/said" 2>&1; do
    wait_or_end "$deadline" "$name let nobody in: $(tail -n 1 "$work/said"). It did not"
  done
}

query() {
  psql --no-psqlrc --quiet --no-align --tuples-only --set ON_ERROR_STOP=1 --set "moment=$moment" --file - || fail 1 "$1"
}

look() {
  local accounts later
  accounts=$(query "the accounts cannot be read" <<<'SELECT count(*) FROM user_service.accounts')
  query "the rows cannot be read" <tools/ci/restore_drill.sql | tee "$work/rows"
  later=$(sed -n 's/^rows after that moment: //p' "$work/rows")
  [ "$accounts" -gt 0 ] || fail 1 "there is not one account, though staging has its administrator's: the wrong database, or an empty one"
  [ "$later" = 0 ] || fail 1 "$later rows are newer than the moment that was restored"
  query "amcheck found a fault" <tools/ci/restore_drill_amcheck.sql
}

run() {
  local began recovery_time
  [ -n "${DRILL_SECURITY_GROUP:-}" ] || fail 64 "set DRILL_SECURITY_GROUP: the output restore_drill of staging has it"
  command -v psql >/dev/null || fail $TOOLS_ABSENT "psql is needed (apt-get install postgresql-client)"
  delete
  began=$SECONDS
  restore
  log_in
  look
  recovery_time=$((SECONDS - began))
  echo "RTO $recovery_time s (goal $RTO_GOAL), RPO $recovery_point s (goal $RPO_GOAL)" | tee -a "${GITHUB_STEP_SUMMARY:-/dev/null}"
  ((recovery_time <= RTO_GOAL && recovery_point <= RPO_GOAL)) || fail 1 "that is over the goal"
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
case $action in
  run | delete) "$action" ;;
  *) fail 64 "there is no \"$action\"; see tools/ci/restore_drill.sh --help" ;;
esac
