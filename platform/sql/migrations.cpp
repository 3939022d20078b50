// SPDX-License-Identifier: Apache-2.0
#include "platform/sql/migrations.hpp"

#include <fmt/core.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>

namespace micro_sayur::sql {
namespace {

/// Run at the start of every migrating transaction: takes the lock, then makes what the bookkeeping needs.
constexpr statement lock_schema{
    "lock_schema",
    R"(SELECT pg_advisory_xact_lock(hashtextextended('micro-sayur schema ' || current_setting('search_path'), 0));
       DO $$ BEGIN
         IF current_schema() IS NULL THEN EXECUTE format('CREATE SCHEMA %I', current_setting('search_path')); END IF;
       END $$;
       CREATE TABLE IF NOT EXISTS schema_migrations (
         version bigint PRIMARY KEY, name text NOT NULL, checksum text NOT NULL, applied_at timestamptz NOT NULL))",
    R"(CREATE TABLE IF NOT EXISTS schema_migrations (
         version INTEGER PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL, applied_at INTEGER NOT NULL) STRICT)"};

/// SQLite has had UTF-8 since its file was made.
constexpr statement find_encoding{"find_encoding", "SELECT current_setting('server_encoding'), current_database()", "SELECT 'UTF8', ''"};

constexpr statement find_table{"find_migrations_table", "SELECT to_regclass('schema_migrations') IS NOT NULL",
                               "SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'schema_migrations')"};

constexpr statement list_applied{"list_migrations", "SELECT version, checksum FROM schema_migrations ORDER BY version"};

constexpr statement insert_applied{"insert_migration",
                                   "INSERT INTO schema_migrations (version, name, checksum, applied_at) VALUES ($1, $2, $3, $4)"};

std::vector<applied_migration> read_applied(const result& rows) {
  std::vector<applied_migration> applied;
  for (std::size_t i = 0; i < rows.size(); ++i) applied.push_back({rows[i].get<std::int64_t>(0), rows[i].get<std::string>(1)});
  return applied;
}

std::int64_t newest(std::span<const migration> known) { return known.empty() ? 0 : known.back().version; }
std::int64_t newest(std::span<const applied_migration> applied) { return applied.empty() ? 0 : applied.back().version; }

timestamp now() { return std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now()); }

/// Another encoding has no room for most names of people.
async::task<> check_encoding(database& on) {
  const auto found = co_await on.query(find_encoding);
  const auto encoding = found[0].get<std::string>(0);
  if (encoding == "UTF8") co_return;
  throw schema_error(
      fmt::format("the database {} is encoded in {}, where names and mails need UTF8, and an encoding cannot be changed: "
                  "make another one (CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0) and name it in DB_NAME",
                  found[0].get<std::string>(1), encoding));
}

/// Applies the first file that is missing; false when there is none.
async::task<bool> apply_next(database& on, std::string_view service, std::span<const migration> known) {
  const auto open = co_await on.begin();
  co_await open->run_script(lock_schema);
  const auto rows = co_await open->run(list_applied);
  const auto pending = pending_migrations(service, known, read_applied(rows));
  if (!pending.empty()) {
    const auto& next = pending.front();
    co_await open->run_script({next.name, next.text});
    co_await open->run({insert_applied, {next.version, std::string(next.name), checksum(next.text), now()}});
  }
  co_await open->commit();
  co_return !pending.empty();
}

}  // namespace

async::task<> migrate(database& on, std::string_view service, std::span<const migration> known) {
  co_await check_encoding(on);
  bool more = true;
  while (more) more = co_await apply_next(on, service, known);
}

async::task<schema_state> check_schema(database& on, std::string_view service, std::span<const migration> known) {
  co_await check_encoding(on);
  const auto table = co_await on.query(find_table);
  std::vector<applied_migration> applied;
  if (table[0].get<bool>(0)) {
    const auto rows = co_await on.query(list_applied);
    applied = read_applied(rows);
  }
  const schema_state state{newest(known), newest(applied)};
  if (!pending_migrations(service, known, applied).empty())
    throw schema_error(fmt::format("the schema of {} has version {}, this program needs {}: run the subcommand migrate", service,
                                   state.found, state.needed));
  co_return state;
}

std::vector<migration> pending_migrations(std::string_view service, std::span<const migration> known,
                                          std::span<const applied_migration> applied) {
  if (newest(applied) > newest(known) + 1)
    throw schema_error(fmt::format("the schema of {} has version {}, this program runs on {} and {}", service, newest(applied),
                                   newest(known), newest(known) + 1));
  std::vector<migration> pending;
  for (const auto& file : known) {
    const auto found = std::ranges::find(applied, file.version, &applied_migration::version);
    if (found == applied.end()) {
      if (file.version < newest(applied))
        throw schema_error(fmt::format("migration {1} of {0} was never applied, but a later one was", service, file.version));
      pending.push_back(file);
    } else if (found->checksum != checksum(file.text)) {
      throw schema_error(fmt::format("migration {1} ({2}) of {0} is not the one that was applied", service, file.version, file.name));
    }
  }
  return pending;
}

std::string checksum(std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  if (EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha256(), nullptr) != 1) throw std::runtime_error("SHA-256 failed");
  std::string hex;
  for (unsigned i = 0; i < size; ++i) hex += fmt::format("{:02x}", digest[i]);
  return hex;
}

}  // namespace micro_sayur::sql
