-- SPDX-License-Identifier: Apache-2.0
-- Run by psql once, when the volume is fresh, before postgres-schemas.sql.
\set owner_password `cat /run/secrets/database_owner_password`
\set user_service_password `cat /run/secrets/user_service_database_password`
\set notification_service_password `cat /run/secrets/notification_service_database_password`
\set exporter_password `cat /run/secrets/exporter_database_password`

CREATE ROLE micro_sayur_owner LOGIN PASSWORD :'owner_password';
CREATE ROLE user_service LOGIN PASSWORD :'user_service_password';
CREATE ROLE notification_service LOGIN PASSWORD :'notification_service_password';
-- Reads the server's statistics, and no row of any table.
CREATE ROLE exporter LOGIN PASSWORD :'exporter_password' IN ROLE pg_monitor;
