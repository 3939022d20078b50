// SPDX-License-Identifier: Apache-2.0
#include "platform/sql/postgres/link.hpp"

#include "platform/async/alarm.hpp"
#include "platform/base/foreign_text.hpp"
#include "platform/sql/postgres/session_settings.hpp"

#include <fmt/core.h>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <optional>
#include <vector>

namespace micro_sayur::sql::postgres {
namespace {

namespace asio = boost::asio;
using resolver = asio::ip::basic_resolver<asio::ip::tcp, async::executor>;

/// libpq takes parallel lists of names and addresses, and resolves, blocking, any name that comes without an address.
constexpr std::size_t most_addresses = 8;
constexpr const char* session_question =
    "SELECT current_setting('search_path'), CAST(pg_is_in_recovery() AS text), current_setting('transaction_read_only')";
constexpr const char* system_authorities = "/etc/ssl/certs/ca-certificates.crt";

bool is_socket_directory(const std::string& host) { return host.starts_with('/'); }

/// Comma-separated addresses of the host; empty for a Unix socket.
async::task<std::string> resolve(resolver& names, std::string host) {
  if (is_socket_directory(host)) co_return std::string();
  boost::system::error_code not_numeric;
  asio::ip::make_address(host, not_numeric);
  if (!not_numeric) co_return host;
  const auto [failure, found] = co_await names.async_resolve(host, "", asio::as_tuple(async::use_task));
  if (failure) throw unavailable(fmt::format("cannot resolve {}: {}", host, failure.message()));
  std::string addresses;
  std::size_t count = 0;
  for (const auto& entry : found) {
    if (count++ == most_addresses) break;
    addresses += (addresses.empty() ? "" : ",") + entry.endpoint().address().to_string();
  }
  co_return addresses;
}

/// The host's name once per address: certificates are verified against it.
std::string repeat_host(const std::string& host, const std::string& addresses) {
  std::string hosts = host;
  for (const char c : addresses)
    if (c == ',') hosts += ',' + host;
  return hosts;
}

std::string escape_spaces(std::string_view text) {
  std::string escaped;
  for (const char each : text) escaped += each == ' ' ? std::string("\\ ") : std::string(1, each);
  return escaped;
}

/// Nothing behind a pooler, which refuses them or, told to ignore them, drops them.
std::string session_options(const settings& with, access mode) {
  std::string options;
  if (with.between != pooler::none) return options;
  for (const auto& [name, value] : session_settings(with)) options += fmt::format(" -c {}={}", name, escape_spaces(value));
  if (mode == access::read_only) options += " -c default_transaction_read_only=on";
  return options;
}

/// Why a session that has this search_path is not to be used; empty: it is.
std::string fault_of(const std::string& search_path, const settings& with) {
  if (with.schema.empty() || search_path == with.schema) return "";
  const auto wrong = fmt::format("search_path is {} in its sessions, not {}", search_path, with.schema);
  if (with.between == pooler::none) return wrong + ": a pooler drops what is asked for at login, so DB_POOLER has to name its kind";
  return fmt::format("{}: the role has no settings of its own ({}), or the pooler has sessions from before (RECONNECT)", wrong,
                     for_role({"search_path", with.schema}, with.user, with.database));
}

std::vector<std::string> split(const std::string& addresses) {
  std::vector<std::string> each(1);
  for (const char c : addresses) {
    if (c == ',')
      each.emplace_back();
    else
      each.back() += c;
  }
  return each;
}

/// libpq knows no system's authorities: it looks into the home folder, and verifies under `require` as well when it is given a file.
std::string authorities_of(const settings& with) {
  const bool verifies = with.sslmode == "verify-ca" || with.sslmode == "verify-full";
  return with.ca_file.empty() && verifies ? system_authorities : with.ca_file;
}

PGconn* start(const settings& with, access mode, const std::string& addresses, const std::string& wanted_server) {
  const std::string host = repeat_host(with.host, addresses);
  const std::string port = std::to_string(with.port);
  const std::string password = with.password ? with.password() : std::string();
  const std::string options = session_options(with, mode);
  const std::string authorities = authorities_of(with);
  std::vector<const char*> names;
  std::vector<const char*> values;
  const auto set = [&](const char* name, const std::string& value) {
    if (value.empty()) return;
    names.push_back(name);
    values.push_back(value.c_str());
  };
  const std::string encoding = "UTF8", no_gss = "disable", keepalive_seconds = "15", unacknowledged_milliseconds = "15000";
  set("host", host);
  set("hostaddr", addresses);
  set("port", port);
  set("dbname", with.database);
  set("user", with.user);
  set("password", password);
  set("sslmode", with.sslmode);
  set("sslrootcert", authorities);
  set("application_name", with.application_name);
  set("options", options);
  set("client_encoding", encoding);
  set("target_session_attrs", wanted_server);
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
  resolver names(where_);
  bool expired = false;
  async::alarm limit(where_, [&] {
    expired = true;
    names.cancel();
    close();
  });
  limit.at(std::chrono::steady_clock::now() + with.connect_timeout);
  try {
    const auto addresses = co_await resolve(names, with.host);
    if (!expired) co_await (is_behind_pooler_ ? choose_behind_poolers(with, mode, addresses) : choose_server(with, mode, addresses));
  } catch (const std::exception&) {
    if (!expired) throw;
  }
  if (expired) throw unavailable(fmt::format("no connection within {} ms", with.connect_timeout.count()));
}

/// Writers go to the server that takes writes. Readers go there too where the name stands for several servers, since a standby is behind,
/// and to any that answers when there is none.
async::task<> link::choose_server(const settings& with, access mode, std::string addresses) {
  co_await shake_hands(with, mode, addresses, mode == access::read_write ? "read-write" : "any");
  if (mode == access::read_write || !is_told("in_hot_standby") || addresses.find(',') == std::string::npos) co_return;
  close();
  bool found = true;
  try {
    co_await shake_hands(with, mode, addresses, "primary");
  } catch (const unavailable&) {
    found = false;
  }
  if (found) co_return;
  close();
  co_await shake_hands(with, mode, addresses, "any");
}

/// The same where libpq cannot tell which server takes writes.
async::task<> link::choose_behind_poolers(const settings& with, access mode, std::string addresses) {
  std::string fault;
  std::optional<std::string> standby;
  for (const auto& address : split(addresses)) {
    try {
      co_await shake_hands(with, mode, address, "any");
      if (!opened_to_read_) co_return;
      standby = address;
      fault = "session is read-only";
    } catch (const unavailable& failure) {
      fault = failure.what();
    }
    close();
  }
  if (mode == access::read_write || !standby) throw unavailable(fault);
  co_await shake_hands(with, mode, *standby, "any");
}

async::task<> link::shake_hands(const settings& with, access mode, std::string addresses, std::string wanted_server) {
  session_.reset(start(with, mode, addresses, wanted_server));
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
  co_await ask_session(with);
  if (PQenterPipelineMode(get()) == 0) throw unavailable(error_message());
}

/// In one trip, before the pipeline.
async::task<> link::ask_session(const settings& with) {
  if (PQsendQuery(get(), session_question) == 0) throw unavailable(error_message());
  const auto told = co_await next_result();
  if (PQresultStatus(told.get()) != PGRES_TUPLES_OK) throw unavailable(error_message());
  co_await next_result();
  const auto answer = [&told](int column) { return std::string(PQgetvalue(told.get(), 0, column)); };
  opened_at_standby_ = answer(1) == "true";
  opened_to_read_ = answer(2) == "on";
  if (const auto fault = fault_of(answer(0), with); !fault.empty()) throw unavailable(fault);
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

bool link::is_at_standby() const { return is_behind_pooler_ ? opened_at_standby_ : is_told("in_hot_standby"); }

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
