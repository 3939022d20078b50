// SPDX-License-Identifier: Apache-2.0
#include "platform/sql/migrations.hpp"

#include "platform/sql/migration_run.hpp"
#include "platform/sql/migration_table.hpp"

#include <fmt/core.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>

namespace micro_sayur::sql {
namespace {

/// SQLite has had UTF-8 since its file was made.
constexpr statement find_encoding{"find_encoding", "SELECT current_setting('server_encoding'), current_database()", "SELECT 'UTF8', ''"};

constexpr statement find_table{"find_migrations_table", "SELECT to_regclass('schema_migrations') IS NOT NULL",
                               "SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'schema_migrations')"};

std::int64_t newest(std::span<const migration> known) { return known.empty() ? 0 : known.back().version; }
std::int64_t newest(std::span<const applied_migration> applied) { return applied.empty() ? 0 : applied.back().version; }

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

}  // namespace

async::task<> migrate(database& on, std::string_view service, std::span<const migration> known, const migration_options& with) {
  for (const auto& file : known) outside_transaction(file);
  co_await check_encoding(on);
  migration_run run(on, service, known, with);
  bool more = true;
  while (more) more = co_await run.apply_next();
}

async::task<schema_state> check_schema(database& on, std::string_view service, std::span<const migration> known) {
  co_await check_encoding(on);
  const auto table = co_await on.query(find_table);
  std::vector<applied_migration> applied;
  if (table[0].get<bool>(0)) {
    const auto rows = co_await on.query(list_migrations);
    applied = read_migrations(rows);
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
