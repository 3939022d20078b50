#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Usage: tools/aws/broker_users.sh SECRETS URL [CURL_OPTION...]
#
# Tells a RabbitMQ of which only the user micro_sayur is known, as Amazon MQ makes it, the services' users and their
# rights (deployments/compose/rabbitmq-definitions.json), by its management API at URL; again whenever a password has
# changed. SECRETS is a folder with the files rabbitmq_password, user_service_rabbitmq_password and
# notification_service_rabbitmq_password. Further arguments go to curl, such as --connect-to for a tunnel.
set -euo pipefail
cd "$(dirname "$0")/../.."
. tools/lib.sh
help_wanted "$0" "$@"

[ $# -ge 2 ] || fail 64 "say which folder of secrets and which URL; see tools/aws/broker_users.sh --help"
for name in rabbitmq user_service_rabbitmq notification_service_rabbitmq; do
  [ -s "$1/${name}_password" ] || fail 64 "there is no $1/${name}_password, or nothing in it"
done
SECRETS_FOLDER=$(realpath "$1")
readonly SECRETS_FOLDER url=${2%/}
shift 2
. tools/compose/secrets.sh
umask 077
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

fill_in deployments/compose/rabbitmq-definitions.json "$folder/definitions.json"
# Who asks keeps its own tags and rights: of its kind there is one, whom nobody could make again.
python3 -c 'import json, sys
told = json.load(open(sys.argv[1]))
keep = {"users": "name", "permissions": "user"}
print(json.dumps({kind: [each for each in told[kind] if each[field] != "micro_sayur"] for kind, field in keep.items()}))' \
  "$folder/definitions.json" >"$folder/services.json"
printf 'user = "micro_sayur:%s"\n' "$(cat "$SECRETS/rabbitmq_password")" >"$folder/login"
curl --silent --show-error --fail --max-time 30 --config "$folder/login" "$@" --request POST --header 'Content-Type: application/json' \
  --data "@$folder/services.json" "$url/api/definitions" || fail 1 "RabbitMQ was not told: $url"
step "RabbitMQ knows user_service and notification_service"
