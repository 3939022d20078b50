// SPDX-License-Identifier: Apache-2.0
#include "user-service/composition/user_service.hpp"

#include "contracts/event_topology.hpp"
#include "platform/async/backoff.hpp"
#include "platform/async/runtime.hpp"
#include "platform/cache/in_process.hpp"
#include "platform/cache/measured_store.hpp"
#include "platform/crypto/argon2_password_hasher.hpp"
#include "platform/events/relay.hpp"
#include "platform/events/stray_rows.hpp"
#include "platform/program/clock_watch.hpp"
#include "platform/program/http_host.hpp"
#include "platform/program/schema_watch.hpp"
#include "platform/program/session_positions.hpp"
#include "platform/sql/measured_database.hpp"
#include "platform/sql/migrations.hpp"
#include "platform/sql/prune.hpp"
#include "platform/telemetry/trace_context.hpp"
#include "user-service/adapters/cache/budgets.hpp"
#include "user-service/adapters/cache/cached_login_throttle.hpp"
#include "user-service/adapters/cache/cached_mail_allowance.hpp"
#include "user-service/adapters/cache/cached_session_verdicts.hpp"
#include "user-service/adapters/events/user_event_writer.hpp"
#include "user-service/adapters/http/auth_endpoints.hpp"
#include "user-service/adapters/http/key_endpoints.hpp"
#include "user-service/adapters/http/page_endpoints.hpp"
#include "user-service/adapters/http/profile_endpoints.hpp"
#include "user-service/adapters/sql/retention.hpp"
#include "user-service/adapters/sql/sql_account_store.hpp"
#include "user-service/adapters/sql/sql_mail_request_store.hpp"
#include "user-service/adapters/sql/sql_password_reset_store.hpp"
#include "user-service/adapters/sql/sql_registration_store.hpp"
#include "user-service/adapters/sql/sql_session_store.hpp"
#include "user-service/adapters/telemetry/security_telemetry.hpp"
#include "user-service/app/create_first_admin.hpp"
#include "user-service/composition/open_keys.hpp"

#include <algorithm>

namespace micro_sayur::user_service {
namespace {

using namespace std::chrono_literals;

/// Between two looks at the folder of keys.
constexpr std::chrono::seconds look_interval{1};

}  // namespace

struct user_service::implementation {
  implementation(program::process& base_, settings with_, user_service_parts parts_)
      : base(base_),
        with(std::move(with_)),
        parts(parts_),
        host(base, std::string(service_name), with.http),
        keys(open_signing_keys(with, base, host.log())),
        derivation(open_derivation_keys(with, base, host.log())) {
    add_checks();
    add_pool_metrics();
    add_key_metrics();
    add_mail_metrics();
    add_request_metrics();
  }

  void add_checks() {
    host.watch(parts.database, parts.database_server);
    host.health().add("redis", [this] { return cache.try_to_write(); }, parts.cache_server);
    host.health().add("rabbitmq", [this] { return program::expect_no_fault(parts.publisher.fault()); }, parts.broker);
    // Stores in the process go by its own clock.
    if (!parts.database_server.address.empty())
      host.health().add("clock", [this] { return time.expect_small_offset(); }, {"", program::clock_advice});
    host.health().add("outbox", [this] { return program::expect_no_backlog("event", relay.oldest_age()); });
    const auto expect_good_keys = [this]() -> async::task<> {
      for (const auto& fault : {keys.fault(), derivation.fault()})
        if (!fault.empty()) throw std::runtime_error(fault);
      co_return;
    };
    host.health().add("signing_keys", expect_good_keys,
                      {"", [](std::string_view why) { return std::string(why) + "; look at the folder that JWT_KEYS_DIR names"; }});
  }

  void add_pool_metrics() {
    auto& hashes =
        host.metrics().gauge("sayur_password_hashes_waiting", "Password hashes, and judgements of new passwords, that wait for a thread.");
    host.metrics().on_scrape([this, &hashes] { hashes.Set(static_cast<double>(computing.queued())); });
    auto& waits = host.metrics().histogram("sayur_password_hash_wait_seconds", "For how long a hash, or a judgement, waited for a thread.");
    computing.on_begin([&waits](auto waited) { waits.observe(std::chrono::duration<double>(waited).count()); });
  }

  void add_key_metrics() {
    auto& age = host.metrics().gauge("sayur_signing_key_age_seconds", "Age of the key that signs access tokens.");
    host.metrics().on_scrape([this, &age] { age.Set(std::chrono::duration<double>(base.clock.now() - keys.current()->made_at).count()); });
  }

  void add_mail_metrics() {
    for (const auto why : all_mail_causes)
      rationed_mails[static_cast<std::size_t>(why)] =
          &host.metrics().counter("sayur_mails_rationed_total", "Mails that were not sent, since their address has had its share.",
                                  {{"cause", std::string(to_string(why))}});
  }

  void add_request_metrics() {
    auto& waiting = host.metrics().gauge("sayur_mail_requests_waiting", "Requests for a mail that are not settled yet, in all instances.");
    host.metrics().on_scrape([this, &waiting] { waiting.Set(static_cast<double>(requests.waiting())); });
  }

  void tell_lost_requests(std::int64_t count) {
    lost_requests.Increment(static_cast<double>(count));
    host.log().error("requests for mails were dropped: they could not be settled within an hour", {{"mail_requests.count", count}});
  }

  void tell_rationed(mail_cause why, const origin& from) {
    rationed_mails[static_cast<std::size_t>(why)]->Increment();
    host.log().warning(
        "mail not sent: its address has had its share of the hour",
        {{"mail.cause", to_string(why)}, {"request_id", from.request_id}, {"trace.id", telemetry::trace_id_of(from.traceparent)}});
  }

  void tell_published(const events::relayed_event& what) const {
    host.log().info("event published", {{"cloudevent.id", what.id.to_string()},
                                        {"cloudevent.type", what.type},
                                        {"request_id", what.request_id},
                                        {"trace.id", telemetry::trace_id_of(what.traceparent)}});
  }

  std::vector<http::route> routes() {
    std::vector<http::route> all = auth_routes(
        {env, registering, verifying, resending, logging_in, refreshing, logging_out, requesting_reset, resetting, bearer, verdicts});
    std::ranges::move(profile_routes({updating, profiles, bearer, verdicts, [this](uuid session) { return positions.note(session); }}),
                      std::back_inserter(all));
    std::ranges::move(key_routes(keys), std::back_inserter(all));
    std::ranges::move(page_routes(parts.mailbox_url), std::back_inserter(all));
    return all;
  }

  /// False when the database takes no writes, or the queue of hashes is full: to be tried again. Throws what an operator has to mend.
  async::task<bool> try_to_create_admin() {
    if (!with.admin) co_return true;
    try {
      const bool made =
          co_await create_first_admin(env, accounts, hasher).run(with.admin->email, crypto::password(with.admin->password.read()));
      host.log().info(made ? "the first administrator was made"
                           : "the first administrator's address has an account; ADMIN_PASSWORD_FILE does not change its password");
    } catch (const sql::error& failure) {
      if (!sql::passes_by_itself(failure)) throw;
      co_return false;
    } catch (const async::overloaded&) {
      co_return false;
    }
    co_return true;
  }

  async::task<> create_admin_later() {
    async::backoff retry(500ms, 2s);
    for (bool is_settled = false; !is_settled;) {
      co_await async::sleep_for(retry.next());
      is_settled = co_await try_to_create_admin();
    }
  }

  async::task<> watch_keys() {
    while (true) {
      co_await async::sleep_for(look_interval);
      try {
        co_await computing.run([this] {
          keys.look();
          derivation.look();
        });
      } catch (const async::overloaded&) {
        // the next look is soon
      }
    }
  }

  program::process& base;
  const settings with;
  const user_service_parts parts;
  program::http_host host;
  sql::measured_database database{parts.database, host.metrics(), base.cores.core_count()};
  cache::measured_store cache{parts.cache, host.metrics()};
  crypto::signing_keys keys;
  crypto::derivation_keys derivation;

  crypto::hashing_pool computing{base.limits};
  const environment env{base.clock,
                        base.random,
                        base.ids,
                        computing,
                        with.public_base_url,
                        with.verify_lifetime,
                        with.reset_lifetime,
                        [this](std::string_view purpose) { return derivation.derive(purpose); },
                        with.new_addresses,
                        with.country_code};
  crypto::argon2_password_hasher hasher{{}, computing};

  program::clock_watch time{database, base.clock, host.metrics()};
  const events::payload_seal seal{[this](std::string_view purpose) { return derivation.derive(purpose); }, base.random};
  events::relay relay{base.cores.core(0).get_executor(),
                      events::outbox(database, seal, std::string(event_source)),
                      parts.publisher,
                      host.metrics(),
                      host.tracer(),
                      {.destination = event_topology::exchange,
                       .types = event_topology::notification_types,
                       .on_published = [this](const events::relayed_event& what) { tell_published(what); }}};
  const user_event_writer writer{seal, [this] { relay.wake(); }};
  sql_registration_store registrations{database, writer};
  sql_account_store accounts{database, writer};
  sql_session_store sessions{database};
  sql_password_reset_store resets{database, writer};
  sql_mail_request_store kept_requests{database, writer};

  std::array<prometheus::Counter*, all_mail_causes.size()> rationed_mails;  ///< by mail_cause
  prometheus::Counter& lost_requests = host.metrics().counter(
      "sayur_mail_requests_lost_total", "Requests for a mail that were dropped, since they could not be settled within an hour.");
  const std::unique_ptr<cache::store> local_cache = cache::make_in_process_store(base.clock, 100'000, cache_keys::budgets());
  cached_login_throttle throttle{cache, *local_cache, base.clock, base.ids};
  cached_mail_allowance allowance{cache, *local_cache, [this](mail_cause why, const origin& from) { tell_rationed(why, from); }};
  program::session_positions positions{database, cache, base.clock, std::string(service_name)};
  cached_session_verdicts verdicts{cache, sessions, [this](uuid session) { return positions.consistency_for(session); }, base.clock};
  profile_cache profiles{base.clock};

  const token_issuer issuer{env, keys, {.issuer = with.jwt_issuer, .audience = with.jwt_audience}};
  const crypto::access_token_verifier verifier{with.jwt_issuer, with.jwt_audience, base.clock};
  http::bearer_authenticator bearer{verifier, key_source_of(keys), base.clock, base.cores.core_count()};

  security_telemetry security{host.log(), host.metrics()};
  const device_tokens devices{env};
  open_session opening{env, sessions, issuer, devices};
  check_password passwords{env, accounts, registrations, hasher, throttle, devices, security};
  register_user registering{env, registrations, accounts, registrations, hasher, allowance};
  mail_requests requests{env, accounts, registrations, kept_requests, allowance};
  verify_email verifying{env, registrations, passwords, opening, security};
  resend_verification resending{env, passwords, requests};
  log_in logging_in{passwords, opening, security};
  rotate_refresh_token refreshing{env, sessions, verdicts, issuer, security};
  log_out logging_out{sessions, verdicts, security};
  request_password_reset requesting_reset{env, requests, allowance};
  reset_password resetting{env, resets, verdicts, hasher, throttle, devices, security};
  update_profile updating{env, accounts};

  async::task_group background{base.cores.core(0).get_executor()};
};

user_service::user_service(program::process& base, settings with, user_service_parts parts)
    : impl_(std::make_unique<implementation>(base, std::move(with), parts)) {}

user_service::~user_service() = default;

async::task<> user_service::start() {
  impl_->host.listen(impl_->routes());
  impl_->host.note_schema(co_await program::await_schema(impl_->database, service_name, impl_->parts.migrations, impl_->host.log()));
  if (!impl_->parts.database_server.address.empty()) {
    co_await impl_->time.await_first();
    impl_->background.spawn("clock", [impl = impl_.get()] { return impl->time.run(); });
  }
  const bool has_admin = co_await impl_->try_to_create_admin();
  if (!has_admin) {
    impl_->host.log().warning("the first administrator is made when the database takes writes again");
    impl_->background.spawn("first administrator", [impl = impl_.get()] { return impl->create_admin_later(); });
  }
  impl_->relay.start();
  impl_->background.spawn("pruner", [impl = impl_.get()] {
    return sql::prune_forever(impl->database,
                              retention(impl->with.outbox_lifetime, [impl](std::int64_t count) { impl->tell_lost_requests(count); }));
  });
  impl_->background.spawn("stray rows", [impl = impl_.get()] {
    return events::watch_stray_rows(impl->database, events::partitioned::outbox, impl->host.log());
  });
  impl_->background.spawn("mail requests", [impl = impl_.get()] { return impl->requests.settle_forever(); });
  impl_->background.spawn("key watch", [impl = impl_.get()] { return impl->watch_keys(); });
  impl_->host.started();
}

async::task<> user_service::drain(bool at_once) { co_await impl_->host.drain(at_once); }

async::task<> user_service::stop() {
  co_await impl_->relay.stop();
  impl_->background.cancel();
  co_await impl_->background.join();
}

const crypto::signing_keys& user_service::keys() const { return impl_->keys; }

async::task<bool> user_service::session_is_live(uuid session_id) { return impl_->verdicts.is_live(session_id); }

}  // namespace micro_sayur::user_service
