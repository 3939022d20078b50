# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# The secrets of docker-compose.yml: made where there are none, never changed. The folder is closed to others on this
# machine; the files in it are readable, since compose mounts them with their mode and the programs in the containers are
# not root.

readonly SECRETS=${SECRETS_FOLDER:-$PWD/.secrets}

# secret NAME CONTENT...: writes the file unless it is there.
secret() {
  local file=$SECRETS/$1
  shift
  [ -e "$file" ] && return
  printf '%s\n' "$@" >"$file.new"
  chmod 644 "$file.new"
  mv "$file.new" "$file"
}

# fill_in TEMPLATE FILE: writes FILE as TEMPLATE with each {{ .NAME }} replaced by the secret of that name, comments left out. What would
# end a word of an ACL or a string of JSON is refused.
fill_in() {
  local text name password
  text=$(sed '/^#/d' "$1")
  for name in $(grep -o '{{ \.[a-z_]* }}' <<<"$text" | tr -d '{. }'); do
    password=$(cat "$SECRETS/$name")
    [[ $password =~ ^[A-Za-z0-9._~+/=-]+$ ]] || fail 1 "$SECRETS/$name must be one line of letters, digits and . _ ~ + / = -"
    text=${text//"{{ .$name }}"/"$password"}
  done
  printf '%s\n' "$text" >"$2.new"
  chmod 644 "$2.new"
  mv "$2.new" "$2"
}

random_password() {
  od -An -N24 -tx1 /dev/urandom | tr -d ' \n'
}

# The key pair that signs access tokens (<kid>.pem) and the secret from which others are derived (<id>.key), made by the program
# itself. A folder of an earlier version has the first and lacks the second.
signing_key() {
  local keys=$SECRETS/jwt_keys
  mkdir -p "$keys"
  if ! compgen -G "$keys/*.pem" >/dev/null; then
    make_key generate
  elif ! compgen -G "$keys/*.key" >/dev/null; then
    make_key generate-secret
  fi
  open_to_containers "$keys"
}

# make_key generate|generate-secret
make_key() {
  docker run --rm --network none --read-only --cap-drop ALL --user "$(id -u):$(id -g)" \
    --volume "$SECRETS/jwt_keys:/keys" --env JWT_KEYS_DIR=/keys "$(image_of user-service)" keys "$1" >/dev/null
}

# open_to_containers FOLDER: its files, whatever umask or program made them.
open_to_containers() {
  chmod 755 "$1"
  chmod 644 "$1"/*
}

project_name() {
  docker compose config --no-interpolate | sed -n 's/^name: //p'
}

# Volumes that a server filled before these secrets were made know other ones. `made` holds when that was, in seconds since 1970, and
# goes with the folder when that is copied.
refuse_foreign_volumes() {
  local made project volume created foreign=()
  if [ -e "$SECRETS/made" ]; then
    made=$(cat "$SECRETS/made")
  elif [ -e "$SECRETS/postgres_password" ]; then
    return 0 # of an earlier version
  else
    made=$(date +%s)
  fi
  project=$(project_name)
  for volume in postgres_data rabbitmq_data; do
    created=$(docker volume inspect --format '{{.CreatedAt}}' "${project}_$volume" 2>/dev/null) || continue
    [ "$(date --date="$created" +%s)" -ge "$made" ] || foreign+=("${project}_$volume")
  done
  [ ${#foreign[@]} -eq 0 ] || fail 1 "$(foreign_volumes_text "${foreign[@]}")"
}

foreign_volumes_text() {
  printf 'the data of these volumes were made with other secrets than those of %s:\n' "$SECRETS"
  printf '  %s\n' "$@"
  printf '%s\n' "Nothing was changed. There are two ways out:" \
    "  bring the folder back with which they were made (SECRETS_FOLDER names it), and go on with all that they hold" \
    "  ./sayur compose down --volumes deletes them with all that they hold"
}

# Whatever mask the caller has, and whoever wrote a file anew: a container's user can read it. The authority's key stays closed.
open_secrets() {
  find "$SECRETS" -type f ! -name authority.key -exec chmod a+r {} +
}

make_secrets() {
  local name
  mkdir -p "$SECRETS"
  chmod 700 "$SECRETS"
  [ -e "$SECRETS/postgres_password" ] || date +%s >"$SECRETS/made"
  for name in postgres database_owner {user_service,notification_service}_{database,redis,rabbitmq} \
    exporter_{database,redis} grafana log_store patroni redis rabbitmq admin smtp; do
    secret "${name}_password" "$(random_password)"
  done
  # Nobody is told until somebody writes an address there.
  for name in pages tickets watchdog; do
    secret "alert_${name}_url" "http://alerts.invalid/"
  done
  fill_in deployments/compose/redis-users.acl "$SECRETS/redis_users.acl"
  fill_in deployments/compose/rabbitmq-definitions.json "$SECRETS/rabbitmq_definitions.json"
  fill_in deployments/compose/redis-exporter.json "$SECRETS/redis_passwords.json"
  signing_key
}

# make_backup_keys: what encrypts the two repositories. The server knows the first, the job both.
make_backup_keys() {
  local folder=$SECRETS/backup
  mkdir -p "$folder/server" "$folder/job"
  secret backup/server/first.conf "[global]" "repo1-cipher-pass=$(random_password)"
  secret backup/job/first.conf "$(cat "$folder/server/first.conf")"
  secret backup/job/second.conf "$(cat deployments/data/pgbackrest/second.conf)" "repo2-cipher-pass=$(random_password)"
  open_to_containers "$folder/server"
  open_to_containers "$folder/job"
}
