# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# The order of a release: what the migrations need and the migrations, then the programs. A Deployment that is changed sooner has
# progressDeadlineSeconds for a schema that may take longer. Needs lib.sh.

# Over the Jobs' own activeDeadlineSeconds (900): they decide when it is too long.
readonly MIGRATION_SECONDS=${MIGRATION_SECONDS:-960}
[[ $MIGRATION_SECONDS =~ ^[1-9][0-9]*$ ]] || fail 64 "MIGRATION_SECONDS is \"$MIGRATION_SECONDS\": say a number of seconds"

# without_deployments FILE: what kustomize wrote there, without the Deployments and what scales them.
without_deployments() {
  awk '
    function finish() { if (text != "" && kind !~ /^(Deployment|HorizontalPodAutoscaler)$/) printf "%s---\n", text; text = kind = "" }
    /^---$/ { finish(); next }
    /^kind: / { kind = $2 }
    { text = text $0 "\n" }
    END { finish() }' "$1"
}

# roll_out_in_order NAMESPACE FILE: where it fails, `wrong` says at what. The Jobs of before have done their work, and cannot be changed.
roll_out_in_order() {
  wrong="the Jobs of the migrations before could not be deleted"
  kubectl --namespace "$1" delete job --selector job=migrate --ignore-not-found --wait || return 1
  wrong="the cluster did not take what the migrations need"
  without_deployments "$2" >"$2.first" || return 1
  kubectl apply --server-side --force-conflicts --filename "$2.first" || return 1
  step "waiting for the migrations"
  await_migrations "$1" || return 1
  wrong="the cluster did not take the whole release"
  kubectl apply --server-side --force-conflicts --filename "$2" || return 1
}

# await_migrations NAMESPACE. Without a Job there is nothing to wait for: a program keeps its port closed on a schema that it does not know.
# kubectl wait would go on waiting for the success of a Job that has failed.
await_migrations() {
  local jobs deadline=$((SECONDS + MIGRATION_SECONDS))
  while [ $SECONDS -lt $deadline ]; do
    wrong="the state of the migrations could not be read"
    jobs=$(kubectl --namespace "$1" get job --selector job=migrate -o 'jsonpath={range .items[*]}{.metadata.name}: {.status.conditions[?(@.status=="True")].type}{"\n"}{end}') || return 1
    [ -n "$jobs" ] || {
      step "there are no migrations to wait for"
      return 0
    }
    wrong="a migration failed"
    ! grep -E '\bFailed\b' <<<"$jobs" >&2 || break
    grep -qvE '\bComplete\b' <<<"$jobs" || return 0
    sleep 1
    wrong="the migrations were not done within $MIGRATION_SECONDS s"
  done
  # Each says what it could not do, and what to do.
  kubectl --namespace "$1" logs --selector job=migrate --tail 3 --prefix --ignore-errors >&2 || true
  return 1
}
