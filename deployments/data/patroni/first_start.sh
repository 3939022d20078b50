#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Patroni runs it on a cluster that it has just made: what docker-entrypoint.sh does with a fresh volume.
set -eu
export PGHOST=/var/run/postgresql PGUSER=micro_sayur
psql --no-psqlrc --dbname=postgres --command='CREATE DATABASE micro_sayur'
for file in /docker-entrypoint-initdb.d/*.sql; do
  psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --dbname=micro_sayur --file="$file"
done
