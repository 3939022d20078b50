-- SPDX-License-Identifier: Apache-2.0
-- What a restored database has: asked by tools/ci/restore_drill.sh, with the moment it was restored to as seconds since 1970.
SELECT 'schemas: user_service ' || (SELECT max(version) FROM user_service.schema_migrations) ||
       ', notification_service ' || (SELECT max(version) FROM notification_service.schema_migrations);

CREATE TEMPORARY TABLE found AS
  SELECT 'user_service.accounts' AS place, created_at FROM user_service.accounts
  UNION ALL SELECT 'user_service.registrations', created_at FROM user_service.registrations
  UNION ALL SELECT 'user_service.sessions', created_at FROM user_service.sessions
  UNION ALL SELECT 'user_service.outbox', created_at FROM user_service.outbox
  UNION ALL SELECT 'notification_service.notifications', created_at FROM notification_service.notifications;

SELECT place || ': ' || count(*) || ' rows, the newest ' || round(:moment - extract(epoch FROM max(created_at))) || ' s before that moment'
  FROM found GROUP BY place ORDER BY place;

-- Clocks of the services may be some seconds ahead.
SELECT 'rows after that moment: ' || count(*) FROM found WHERE created_at > to_timestamp(:moment) + interval '5 s';
