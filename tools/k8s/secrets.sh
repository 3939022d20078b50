# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# The secrets that the overlays expect, made in a cluster where they are absent, never changed. They are nowhere else: the
# folder through which they pass is closed to others and goes at once.

# make_cluster_secrets NAMESPACE FOLDER
make_cluster_secrets() {
  local service
  mkdir -m 700 "$2"
  SECRETS_FOLDER=$2
  . tools/compose/secrets.sh
  . tools/compose/certificates.sh
  login "$1" postgres-superuser micro_sayur
  login "$1" database-owner micro_sayur_owner
  login "$1" user-service-database user_service
  login "$1" notification-service-database notification_service
  login "$1" exporter-database exporter
  login "$1" admin admin
  for service in user-service notification-service; do
    login "$1" "$service-redis" "${service//-/_}"
    login "$1" "$service-rabbitmq" "${service//-/_}"
  done
  login "$1" exporter-redis exporter deployments/compose/redis-exporter.json redis_passwords.json
  login "$1" redis default deployments/compose/redis-users.acl redis_users.acl
  login "$1" rabbitmq micro_sayur deployments/compose/rabbitmq-definitions.json rabbitmq_definitions.json
  login "$1" smtp micro-sayur
  alert_urls "$1"
  backup_keys "$1"
  signing_keys "$1"
  gateway_certificate "$1"
  rm -rf "$2"
}

absent() {
  ! kubectl -n "$1" get secret "$2" >/dev/null 2>&1
}

# login NAMESPACE NAME USERNAME [TEMPLATE FILE]: a fresh password, and FILE, in which TEMPLATE has it and those of the logins before.
login() {
  local namespace=$1 name=$2 folder=$SECRETS/$2 noted=$SECRETS/${2//-/_}_password
  absent "$namespace" "$name" || {
    kubectl -n "$namespace" get secret "$name" -o go-template='{{ .data.password | base64decode }}' >"$noted"
    [ $# -lt 4 ] || has_key "$namespace" "$name" "$5" || {
      fill_in "$4" "$SECRETS/$5"
      add_to_secret "$namespace" "$name" "$SECRETS/$5"
    }
    return 0
  }
  mkdir "$folder"
  printf '%s' "$3" >"$folder/username"
  random_password | tee "$folder/password" >"$noted"
  [ $# -lt 4 ] || fill_in "$4" "$folder/$5"
  create_secret "$namespace" "$name" generic --type=kubernetes.io/basic-auth --from-file="$folder"
}

# has_key NAMESPACE NAME PATTERN: a Secret of an earlier version may lack what the present one mounts.
# shellcheck disable=SC2016 # a template of kubectl
has_key() {
  kubectl -n "$1" get secret "$2" -o go-template='{{ range $key, $text := .data }}{{ $key }}{{ "\n" }}{{ end }}' | grep -q "$3"
}

# add_to_secret NAMESPACE NAME FILE
add_to_secret() {
  kubectl create secret generic "$2" --from-file="$3" --dry-run=client -o json |
    kubectl -n "$1" patch secret "$2" --type merge --patch-file /dev/stdin >/dev/null
  step "secret $2 got ${3##*/}"
}

# Nobody is told until somebody writes an address there.
alert_urls() {
  local receiver options=()
  absent "$1" alert-urls || return 0
  for receiver in pages tickets watchdog; do
    options+=("--from-literal=alert_${receiver}_url=http://alerts.invalid/")
  done
  create_secret "$1" alert-urls generic "${options[@]}"
}

backup_keys() {
  absent "$1" backup-keys || return 0
  make_backup_keys
  create_secret "$1" backup-keys generic --from-file="$SECRETS/backup/job"
}

signing_keys() {
  local keys=$SECRETS/jwt_keys
  absent "$1" jwt-keys || {
    has_key "$1" jwt-keys '\.key$' || {
      mkdir "$keys"
      make_key generate-secret
      add_to_secret "$1" jwt-keys "$(echo "$keys"/*.key)"
    }
    return 0
  }
  signing_key
  create_secret "$1" jwt-keys generic --from-file="$SECRETS/jwt_keys"
}

gateway_certificate() {
  local folder=$SECRETS/tls
  absent "$1" gateway-tls || return 0
  make_certificates "$folder" gateway
  create_secret "$1" gateway-tls generic --type=kubernetes.io/tls --from-file="tls.crt=$folder/gateway.pem" --from-file="tls.key=$folder/gateway.key" \
    --from-file="ca.crt=$folder/authority.pem"
}

# create_secret NAMESPACE NAME KIND OPTION...
create_secret() {
  kubectl -n "$1" create secret "$3" "$2" "${@:4}" >/dev/null
  step "secret $2 was made"
}
