# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# The secrets of docker-compose.yml: made where there are none, never changed. The folder is closed to others on this machine;
# the files in it are readable, since compose mounts them with their mode and the programs in the containers are not root.

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

make_secrets() {
  local name
  mkdir -p "$SECRETS"
  chmod 700 "$SECRETS"
  for name in postgres database_owner user_service_database notification_service_database redis rabbitmq admin smtp; do
    secret "${name}_password" "$(random_password)"
  done
  secret redis_password.conf "requirepass $(cat "$SECRETS/redis_password")"
  secret rabbitmq_user.conf "default_user = micro_sayur" "default_pass = $(cat "$SECRETS/rabbitmq_password")"
  signing_key
}
