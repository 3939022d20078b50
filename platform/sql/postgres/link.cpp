// SPDX-License-Identifier: Apache-2.0
#include "platform/sql/postgres/link.hpp"

#include "platform/async/alarm.hpp"
#include "platform/base/foreign_text.hpp"
#include "platform/sql/postgres/session_settings.hpp"

#include <fmt/core.h>
#include <fmt/ranges.h>
#include <boost/asio/as_tuple.hpp>

#include <algorithm>
#include <vector>

namespace micro_sayur::sql::postgres {
namespace {

namespace asio = boost::asio;

constexpr const char* only_read = "; SET default_transaction_read_only = on";
constexpr const char* system_authorities = "/etc/ssl/certs/ca-certificates.crt";

std::string escape_spaces(std::string_view text) {
  std::string escaped;
  for (const char each : text) escaped += each == ' ' ? std::string("\\ ") : std::string(1, each);
  return escaped;
}

/// Nothing behind a pooler, which refuses them or, told to ignore them, drops them.
std::string session_options(const settings& with) {
  std::string options;
  if (with.between != pooler::none) return options;
  for (const auto& each : session_settings(with)) options += fmt::format(" -c {}={}", each.name, escape_spaces(each.value));
  return options;
}

/// Whether a session takes writes, before it is told to only read, and what it has of session_settings.
std::string session_question(const settings& with) {
  std::string question = "SELECT current_setting('transaction_read_only')";
  for (const auto& each : session_settings(with)) question += ", " + as_columns(each);
  return question;
}

/// Why a session that answers `session_question` like this is not to be used; empty: it is.
std::string fault_of(const PGresult* answer, const settings& with) {
  std::vector<std::string> wrong;
  std::vector<std::string> mending;
  for (int column = 1; const auto& each : session_settings(with)) {
    const std::string_view found = PQgetvalue(answer, 0, column), is_right = PQgetvalue(answer, 0, column + 1);
    column += 2;
    if (is_right == "t") continue;
    wrong.push_back(fmt::format("{} is {} in its sessions, not {}", each.name, foreign_text(found), each.value));
    mending.push_back(for_role(each, with.user, with.database));
  }
  if (wrong.empty()) return "";
  const auto told = fmt::format("{}", fmt::join(wrong, ", "));
  if (with.between == pooler::none) return told + ": a pooler drops what is asked for at login, so DB_POOLER has to name its kind";
  return fmt::format("{}: the role has other settings ({}), or the pooler has sessions from before (RECONNECT)", told,
                     fmt::join(mending, "; "));
}

/// libpq knows no system's authorities: it looks into the home folder, and verifies under `require` as well when it is given a file.
std::string authorities_of(const settings& with) {
  const bool verifies = with.sslmode == "verify-ca" || with.sslmode == "verify-full";
  return with.ca_file.empty() && verifies ? system_authorities : with.ca_file;
}

/// One address at a time: libpq would give the first that is silent all the time there is.
PGconn* start(const settings& with, const server_address& server) {
  const std::string port = std::to_string(with.port);
  const std::string password = with.password ? with.password() : std::string();
  const std::string options = session_options(with);
  const std::string authorities = authorities_of(with);
  std::vector<const char*> names;
  std::vector<const char*> values;
  const auto set = [&](const char* name, const std::string& value) {
    if (value.empty()) return;
    names.push_back(name);
    values.push_back(value.c_str());
  };
  const std::string encoding = "UTF8", no_gss = "disable", keepalive_seconds = "15", unacknowledged_milliseconds = "15000";
  set("host", server.host);
  set("hostaddr", server.address);
  set("port", port);
  set("dbname", with.database);
  set("user", with.user);
  set("password", password);
  set("sslmode", with.sslmode);
  set("sslrootcert", authorities);
  set("application_name", with.application_name);
  set("options", options);
  set("client_encoding", encoding);
  set("gssencmode", no_gss);
  set("keepalives_idle", keepalive_seconds);
  set("tcp_user_timeout", unacknowledged_milliseconds);
  names.push_back(nullptr);
  values.push_back(nullptr);
  return PQconnectStartParams(names.data(), values.data(), 0);
}

}  // namespace

async::task<> link::open(const settings& with, access mode) {
  close();
  is_behind_pooler_ = with.between != pooler::none;
  const auto deadline = std::chrono::steady_clock::now() + with.connect_timeout;
  auto servers = co_await resolve_within(with, deadline);
  if (const auto known = std::ranges::find(servers, last_); known != servers.end()) std::iter_swap(servers.begin(), known);
  co_await choose_server(with, mode, std::move(servers), deadline);
}

async::task<std::vector<server_address>> link::resolve_within(const settings& with, time_point deadline) {
  host_resolver names(where_);
  async::alarm limit(where_, [&] { names.cancel(); });
  limit.at(deadline);
  co_return co_await resolve(names, with.hosts);
}

/// To the server that takes writes. A reader is content with one that takes none where it is the only one: of several, another may have
/// taken writes of which it does not know. Each gets its share of the time that is left, and enough for TLS and a login on a busy machine.
async::task<> link::choose_server(const settings& with, access mode, std::vector<server_address> servers, time_point deadline) {
  std::string faults;
  const bool may_only_read = mode == access::read_only && (with.is_replica || servers.size() == 1);
  decltype(session_) standby;
  for (auto left = std::ssize(servers); const auto& server : servers) {
    std::string fault = "session is read-only";
    try {
      const auto now = std::chrono::steady_clock::now();
      const time_point::duration share = (deadline - now) / left--, least = with.connect_timeout / 2;
      co_await connect(with, mode, server, now + std::max(share, least));
      last_ = server;
      if (!opened_to_read_) co_return;
      unwatch();
      if (may_only_read && !standby) standby = std::move(session_);
    } catch (const unavailable& failure) {
      fault = failure.what();
    }
    close();
    faults += (faults.empty() ? "" : "; ") + fault;
  }
  if (!standby) throw unavailable(faults);
  opened_to_read_ = true;
  session_ = std::move(standby);
  watch();
}

async::task<> link::connect(const settings& with, access mode, server_address server, time_point deadline) {
  bool expired = false;
  async::alarm limit(where_, [&] {
    expired = true;
    close();
  });
  limit.at(deadline);
  try {
    co_await shake_hands(with, mode, server);
  } catch (const std::exception&) {
    if (!expired) throw;
  }
  if (!expired) co_return;
  throw unavailable(fmt::format("{}: no connection in time", server.address.empty() ? server.host : server.address));
}

async::task<> link::shake_hands(const settings& with, access mode, const server_address& server) {
  session_.reset(start(with, server));
  if (!session_) throw std::bad_alloc();
  if (PQstatus(get()) == CONNECTION_BAD) throw unavailable(error_message());
  PQsetNoticeProcessor(get(), [](void*, const char*) {}, nullptr);
  auto wants = PGRES_POLLING_WRITING;
  while (wants != PGRES_POLLING_OK) {
    // libpq may replace its socket in every step, even by one of the same number: watch it anew each time.
    watch();
    co_await socket_.async_wait(wants == PGRES_POLLING_READING ? descriptor::wait_read : descriptor::wait_write, async::use_task);
    unwatch();
    wants = PQconnectPoll(get());
    if (wants == PGRES_POLLING_FAILED) throw unavailable(error_message());
  }
  if (PQsetnonblocking(get(), 1) != 0) throw unavailable(error_message());
  watch();
  co_await ask_session(with, mode);
  if (PQenterPipelineMode(get()) == 0) throw unavailable(error_message());
}

/// In one trip, before the pipeline.
async::task<> link::ask_session(const settings& with, access mode) {
  const bool begins_to_read = mode == access::read_only && !is_behind_pooler_;
  const auto question = session_question(with) + (begins_to_read ? only_read : "");
  if (PQsendQuery(get(), question.c_str()) == 0) throw unavailable(error_message());
  const auto told = co_await next_result();
  if (PQresultStatus(told.get()) != PGRES_TUPLES_OK) throw unavailable(error_message());
  while (const auto rest = co_await next_result())
    if (PQresultStatus(rest.get()) != PGRES_COMMAND_OK) throw unavailable(error_message());
  opened_to_read_ = std::string_view(PQgetvalue(told.get(), 0, 0)) == "on";
  if (const auto fault = fault_of(told.get(), with); !fault.empty()) throw unavailable(fault);
}

/// Null after the last.
async::task<result_pointer> link::next_result() {
  for (int rest = PQflush(get()); rest != 0; rest = PQflush(get())) {
    if (rest < 0) throw unavailable(error_message());
    co_await socket_.async_wait(descriptor::wait_write, async::use_task);
  }
  while (PQisBusy(get()) != 0) {
    co_await socket_.async_wait(descriptor::wait_read, async::use_task);
    if (PQconsumeInput(get()) == 0) throw unavailable(error_message());
  }
  co_return result_pointer(PQgetResult(get()));
}

void link::close() {
  unwatch();
  session_.reset();
}

void link::watch() { socket_.assign(PQsocket(get())); }

void link::unwatch() {
  if (socket_.is_open()) socket_.release();
}

bool link::is_at_standby() const { return opened_to_read_ || (!is_behind_pooler_ && is_told("in_hot_standby")); }

bool link::only_reads() const {
  return is_behind_pooler_ ? opened_to_read_ : is_told("in_hot_standby") || is_told("default_transaction_read_only");
}

bool link::is_told(const char* setting) const {
  const char* value = PQparameterStatus(get(), setting);
  return value != nullptr && std::string_view(value) == "on";
}

std::string link::error_message() const {
  std::string_view message = PQerrorMessage(get());
  while (message.ends_with('\n')) message.remove_suffix(1);
  return foreign_text(message);
}

}  // namespace micro_sayur::sql::postgres
