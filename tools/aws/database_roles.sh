#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Usage: PGHOST=… PGUSER=micro_sayur PGPASSWORD=… tools/aws/database_roles.sh SECRETS
#
# Makes the roles and schemas of deployments/compose/postgres-*.sql in a database whose first role is no superuser, as RDS
# has it: all or nothing, once. SECRETS is a folder with the files database_owner_password, user_service_database_password,
# notification_service_database_password and exporter_database_password.
set -euo pipefail
cd "$(dirname "$0")/../.."
. tools/lib.sh
help_wanted "$0" "$@"

[ $# -eq 1 ] || fail 64 "say which folder of secrets; see tools/aws/database_roles.sh --help"
command -v psql >/dev/null || fail $TOOLS_ABSENT "psql is needed (apt-get install postgresql-client)"
for name in database_owner user_service_database notification_service_database exporter_database; do
  [ -s "$1/${name}_password" ] || fail 64 "there is no $1/${name}_password, or nothing in it"
done
secrets=$(realpath "$1")
# Who is no superuser has to belong to a role to make schemas for it, and may not set deadlock_timeout: the module database does.
for file in deployments/compose/postgres-*.sql; do
  sed -e "s#/run/secrets/#$secrets/#" -e '/^CREATE ROLE micro_sayur_owner/a GRANT micro_sayur_owner TO CURRENT_USER;' \
    -e '/ SET deadlock_timeout /d' "$file"
done | psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --single-transaction --dbname "${PGDATABASE:-micro_sayur}" --file - ||
  fail 1 "the roles were not made; nothing was changed"
step "made the roles and schemas"
