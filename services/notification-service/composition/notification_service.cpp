// SPDX-License-Identifier: Apache-2.0
#include "notification-service/composition/notification_service.hpp"

#include "contracts/event_topology.hpp"
#include "notification-service/adapters/events/consumer_intake.hpp"
#include "notification-service/adapters/events/event_handler.hpp"
#include "notification-service/adapters/http/notification_endpoints.hpp"
#include "notification-service/adapters/sessions/shared_verdicts.hpp"
#include "notification-service/adapters/sql/migrations.hpp"
#include "notification-service/adapters/sql/sql_notification_store.hpp"
#include "notification-service/adapters/telemetry/delivery_telemetry.hpp"
#include "notification-service/adapters/telemetry/mail_server_check.hpp"
#include "notification-service/adapters/templates/mustache_renderer.hpp"
#include "notification-service/app/deliver_notifications.hpp"
#include "notification-service/app/receive_event.hpp"
#include "platform/async/task_group.hpp"
#include "platform/base/client_network.hpp"
#include "platform/base/foreign_text.hpp"
#include "platform/cache/measured_store.hpp"
#include "platform/crypto/jwt.hpp"
#include "platform/events/stray_rows.hpp"
#include "platform/program/clock_watch.hpp"
#include "platform/program/schema_watch.hpp"
#include "platform/program/session_positions.hpp"
#include "platform/sql/measured_database.hpp"

#include <algorithm>

namespace micro_sayur::notification_service {

struct notification_service::implementation {
  implementation(program::process& base_, settings with_, notification_service_parts parts_)
      : base(base_), with(std::move(with_)), parts(std::move(parts_)), host(base, std::string(service_name), with.http) {
    add_checks();
  }

  void add_checks() {
    host.watch(parts.database, parts.database_server);
    host.health().add("redis", [this] { return cache.ping(); }, parts.cache_server);  // this service only reads there
    host.health().add("rabbitmq", [this] { return program::expect_no_fault(parts.consumer.fault()); }, parts.broker);
    const auto look_for_mail_server = [this]() -> async::task<> {
      co_await mail_server.run();
      if (const auto known = mail_server.smtputf8()) tell_smtputf8(*known);
    };
    host.health().add("smtp", look_for_mail_server, parts.mail_server);
    // Stores in the process go by its own clock.
    if (!parts.database_server.address.empty())
      host.health().add("clock", [this] { return time.expect_small_offset(); }, {"", program::clock_advice});
    host.health().add("deliveries", [this]() -> async::task<> {
      const auto oldest = co_await store->longest_overdue();
      overdue.Set(static_cast<double>(oldest.count()));
      co_await program::expect_no_backlog("mail", oldest);
    });
  }

  /// Until the mail server has answered there is no such gauge: 0 would say that it lacks the extension.
  void tell_smtputf8(bool is_offered) {
    if (takes_utf8 == nullptr)
      takes_utf8 =
          &host.metrics().gauge("sayur_mail_server_smtputf8", "1 when the mail server takes addresses whose local part is beyond ASCII.");
    takes_utf8->Set(is_offered ? 1 : 0);
  }

  /// A line like those of user-service.
  void tell_security(std::string_view event, uuid account_id, const http::request& from, std::string_view detail) {
    host.log().info("security event", {{"event.action", event},
                                       {"user.id", account_id.to_string()},
                                       {"client.network", client_network(from.client)},
                                       {"request_id", from.request_id},
                                       {"trace.id", from.trace.trace_id_text()},
                                       {"event.reason", foreign_text(detail)}});
  }

  std::vector<http::route> routes() {
    auto all = notification_routes({*store, bearer, session_is_live, [this](uuid session) { return positions.consistency_for(session); },
                                    [this](uuid session) { return positions.note(session); }, base.clock, [this] { deliveries.wake(); },
                                    [this](std::string_view event, uuid account, const http::request& from, std::string_view detail) {
                                      tell_security(event, account, from, detail);
                                    }});
    std::ranges::copy(parts.more_routes, std::back_inserter(all));
    return all;
  }

  void tell_recipients() {
    if (const auto count = with.recipients.count())
      host.log().info("mails go only to whom MAIL_RECIPIENTS names", {{"mail_recipients.count", static_cast<std::int64_t>(*count)}});
  }

  async::task<> prune() {
    auto what = notification_retention();
    std::ranges::copy(parts.more_retention, std::back_inserter(what));
    return sql::prune_forever(database, std::move(what));
  }

  program::process& base;
  const settings with;
  const notification_service_parts parts;
  const async::executor where = base.cores.core(0).get_executor();
  program::http_host host;
  sql::measured_database database{parts.database, host.metrics(), base.cores.core_count()};
  cache::measured_store cache{parts.cache, host.metrics()};

  program::clock_watch time{database, base.clock, host.metrics()};
  const std::unique_ptr<notification_store> store = make_sql_notification_store(database);
  const std::unique_ptr<mail_renderer> renderer = make_mustache_renderer();
  consumer_intake intake{parts.consumer};
  prometheus::Gauge* takes_utf8 = nullptr;  ///< once it is known
  prometheus::Gauge& overdue =
      host.metrics().gauge("sayur_notifications_overdue_seconds", "For how long the notification that is due for longest has waited.");
  delivery_telemetry observer{host.log(), host.metrics(), host.tracer(), base.clock};
  mail_server_check mail_server{where, parts.sender, base.clock};
  deliver_notifications deliveries{
      where, *store, parts.sender, *renderer, intake, observer, base.clock, base.random, {.recipients = with.recipients}};
  receive_event receiving{*store, deliveries, base.clock};
  event_handler handling{[this](incoming_event event) { return receiving(std::move(event)); },
                         {.system = parts.consumer.system(), .queue = event_topology::notification_queue},
                         host.log(),
                         host.metrics(),
                         host.tracer(),
                         base.clock};

  const crypto::access_token_verifier verifier{with.jwt_issuer, with.jwt_audience, base.clock};
  http::bearer_authenticator bearer{verifier, parts.keys, base.clock, base.cores.core_count()};

  program::session_positions positions{database, cache, base.clock, std::string(service_name)};
  const session_check session_is_live = shared_verdicts(cache, parts.session_is_live);

  async::task_group background{where};
  bool consuming = false;
};

notification_service::notification_service(program::process& base, settings with, notification_service_parts parts)
    : impl_(std::make_unique<implementation>(base, std::move(with), std::move(parts))) {}

notification_service::~notification_service() = default;

async::task<> notification_service::start() {
  impl_->host.listen(impl_->routes());
  impl_->host.note_schema(co_await program::await_schema(impl_->database, service_name, impl_->parts.migrations, impl_->host.log()));
  if (!impl_->parts.database_server.address.empty()) {
    co_await impl_->time.await_first();
    impl_->background.spawn("clock", [impl = impl_.get()] { return impl->time.run(); });
  }
  impl_->parts.consumer.start([impl = impl_.get()](events::delivery what) { return impl->handling(std::move(what)); });
  impl_->consuming = true;
  impl_->tell_recipients();
  impl_->deliveries.start();
  impl_->background.spawn("pruner", [impl = impl_.get()] { return impl->prune(); });
  impl_->background.spawn("stray rows", [impl = impl_.get()] {
    return events::watch_stray_rows(impl->database, events::partitioned::inbox, impl->host.log());
  });
  impl_->host.started();
}

async::task<> notification_service::drain(bool at_once) { co_await impl_->host.drain(at_once); }

async::task<> notification_service::stop() {
  if (impl_->consuming) co_await impl_->parts.consumer.stop();
  co_await impl_->deliveries.stop();
  impl_->background.cancel();
  co_await impl_->background.join();
}

}  // namespace micro_sayur::notification_service
