-- SPDX-License-Identifier: Apache-2.0
-- Run once, when the volume is fresh: the role that migrates owns both schemas; each service reads and writes the tables of its own
-- and can do nothing else.
REVOKE ALL ON DATABASE micro_sayur FROM PUBLIC;
REVOKE ALL ON SCHEMA public FROM PUBLIC;

GRANT CONNECT ON DATABASE micro_sayur TO micro_sayur_owner, user_service, notification_service, exporter;

-- Below the services' time-out of calls (0.9 s), so that a deadlock is found, and tried again, before it is given up.
ALTER DATABASE micro_sayur SET deadlock_timeout = '200ms';

CREATE SCHEMA user_service AUTHORIZATION micro_sayur_owner;
GRANT USAGE ON SCHEMA user_service TO user_service;
ALTER DEFAULT PRIVILEGES FOR ROLE micro_sayur_owner IN SCHEMA user_service
  GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO user_service;

CREATE SCHEMA notification_service AUTHORIZATION micro_sayur_owner;
GRANT USAGE ON SCHEMA notification_service TO notification_service;
ALTER DEFAULT PRIVILEGES FOR ROLE micro_sayur_owner IN SCHEMA notification_service
  GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO notification_service;

-- What the services ask for at every login, for those whose pooler takes no such request (docs/operations/pooler.md).
ALTER ROLE user_service IN DATABASE micro_sayur SET statement_timeout = '900ms';
ALTER ROLE user_service IN DATABASE micro_sayur SET idle_in_transaction_session_timeout = '30s';
ALTER ROLE user_service IN DATABASE micro_sayur SET default_transaction_isolation = 'read committed';
ALTER ROLE user_service IN DATABASE micro_sayur SET search_path = 'user_service';
ALTER ROLE notification_service IN DATABASE micro_sayur SET statement_timeout = '900ms';
ALTER ROLE notification_service IN DATABASE micro_sayur SET idle_in_transaction_session_timeout = '30s';
ALTER ROLE notification_service IN DATABASE micro_sayur SET default_transaction_isolation = 'read committed';
ALTER ROLE notification_service IN DATABASE micro_sayur SET search_path = 'notification_service';
