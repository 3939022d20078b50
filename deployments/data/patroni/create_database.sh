#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Called by Patroni with a connection string when it has made a new cluster: the database, its roles and its schemas.
set -eu
folder=${DATABASE_SCRIPTS:-/docker-entrypoint-initdb.d}
psql --no-psqlrc --set ON_ERROR_STOP=1 "$1" --command 'CREATE DATABASE micro_sayur'
for file in "$folder"/*.sql; do
  psql --no-psqlrc --set ON_ERROR_STOP=1 "$1 dbname=micro_sayur" --file "$file"
done
