// SPDX-License-Identifier: Apache-2.0
#include "platform/sql/sqlite/connection.hpp"

#include "platform/sql/ruling.hpp"
#include "platform/sql/sqlite/errors.hpp"

#include <fmt/core.h>
#include <sqlite3.h>

#include <charconv>
#include <thread>

namespace micro_sayur::sql::sqlite {
namespace {

using namespace std::chrono_literals;

/// SQLite asks every so many steps of its virtual machine whether to go on: some 10 µs.
constexpr int steps_between_looks = 1000;
constexpr auto lock_retry_interval = 2ms;

constexpr const char* every_session =
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA trusted_schema=OFF;";

struct binder {
  sqlite3_stmt* prepared;
  int index;

  int operator()(null) const { return sqlite3_bind_null(prepared, index); }
  int operator()(bool truth) const { return sqlite3_bind_int(prepared, index, truth ? 1 : 0); }
  int operator()(std::int64_t number) const { return sqlite3_bind_int64(prepared, index, number); }
  int operator()(double number) const { return sqlite3_bind_double(prepared, index, number); }
  int operator()(const std::string& text) const {
    if (text.find('\0') != std::string::npos) throw error("a text parameter holds a NUL character");
    return sqlite3_bind_text64(prepared, index, text.data(), text.size(), SQLITE_STATIC, SQLITE_UTF8);
  }
  int operator()(const bytes& blob) const { return bind_blob(blob.data(), blob.size()); }
  int operator()(const uuid& id) const { return bind_blob(id.bytes.data(), id.bytes.size()); }
  int operator()(timestamp time) const { return sqlite3_bind_int64(prepared, index, time.time_since_epoch().count()); }

  int bind_blob(const std::uint8_t* data, std::size_t size) const {
    // A null pointer would bind NULL.
    return size == 0 ? sqlite3_bind_zeroblob(prepared, index, 0) : sqlite3_bind_blob64(prepared, index, data, size, SQLITE_STATIC);
  }
};

/// SQLite numbers parameters by first appearance, so they are found by name: $1 is the first of `parameters`.
void bind(sqlite3_stmt* prepared, const call& what) {
  for (int index = 1; index <= sqlite3_bind_parameter_count(prepared); ++index) {
    const char* given_name = sqlite3_bind_parameter_name(prepared, index);
    const std::string_view name = given_name == nullptr ? "?" : given_name;
    std::size_t number = 0;
    std::from_chars(name.data() + 1, name.data() + name.size(), number);
    if (name.front() != '$' || number < 1 || number > what.parameters.size())
      throw error(fmt::format("{}: no value for parameter {}", what.what->name, name));
    if (std::visit(binder{prepared, index}, what.parameters[number - 1]) != SQLITE_OK)
      throw error(fmt::format("{}: parameter {} does not fit", what.what->name, name));
  }
}

value column(sqlite3_stmt* prepared, int index) {
  const auto size = [&] { return static_cast<std::size_t>(sqlite3_column_bytes(prepared, index)); };
  switch (sqlite3_column_type(prepared, index)) {
    case SQLITE_INTEGER: return static_cast<std::int64_t>(sqlite3_column_int64(prepared, index));
    case SQLITE_FLOAT: return sqlite3_column_double(prepared, index);
    case SQLITE_TEXT: {
      const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(prepared, index));
      return std::string(text, size());
    }
    case SQLITE_BLOB: {
      const auto* blob = static_cast<const std::uint8_t*>(sqlite3_column_blob(prepared, index));
      return bytes(blob, blob + size());
    }
    default: return null{};
  }
}

/// A statement that is not reset keeps its locks and its snapshot.
struct reset_at_end {
  sqlite3_stmt* prepared;
  ~reset_at_end() {
    sqlite3_reset(prepared);
    sqlite3_clear_bindings(prepared);
  }
};

std::int64_t machine_time() {
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

using sql_function = void (*)(sqlite3_context*, int, sqlite3_value**);

void add_function(sqlite3* to, const char* name, void* data, sql_function what) {
  const int code = sqlite3_create_function_v2(to, name, 0, SQLITE_UTF8 | SQLITE_INNOCUOUS, data, what, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) throw error(fmt::format("{}: {}", name, sqlite3_errstr(code)));
}

/// The time of the store under PostgreSQL's names; here it is that of the machine. In SQLite each call of statement_timestamp() asks anew,
/// so that a statement which needs one time for all its rows writes (SELECT statement_timestamp()).
void add_clock(sqlite3* to, std::int64_t* transaction_time) {
  add_function(to, "statement_timestamp", nullptr,
               [](sqlite3_context* answer, int, sqlite3_value**) { sqlite3_result_int64(answer, machine_time()); });
  add_function(to, "transaction_timestamp", transaction_time, [](sqlite3_context* answer, int, sqlite3_value**) {
    sqlite3_result_int64(answer, *static_cast<std::int64_t*>(sqlite3_user_data(answer)));
  });
}

}  // namespace

void connection::close_handle::operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
void connection::finalize::operator()(sqlite3_stmt* prepared) const { sqlite3_finalize(prepared); }

connection::connection(const std::filesystem::path& file, access mode) {
  sqlite3* opened = nullptr;
  const int code = sqlite3_open_v2(file.c_str(), &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
  handle_.reset(opened);
  if (code != SQLITE_OK) throw error(fmt::format("{}: {}", file.string(), sqlite3_errstr(code)));
  sqlite3_extended_result_codes(opened, 1);
  const auto late = [](void* limit) { return std::chrono::steady_clock::now() >= *static_cast<time_point*>(limit) ? 1 : 0; };
  sqlite3_progress_handler(opened, steps_between_looks, late, &deadline_);
  const auto wait = [](void* limit, int) {
    std::this_thread::sleep_for(lock_retry_interval);
    return std::chrono::steady_clock::now() < *static_cast<time_point*>(limit) ? 1 : 0;
  };
  sqlite3_busy_handler(opened, wait, &deadline_);
  add_clock(opened, &transaction_time_);
  run_script(every_session, std::chrono::steady_clock::now() + 5s);
  if (mode == access::read_only) run_script("PRAGMA query_only=ON");
}

bool connection::in_transaction() const { return sqlite3_get_autocommit(handle_.get()) == 0; }

result connection::run(const call& what, time_point deadline) {
  deadline_ = deadline;
  if (!in_transaction()) transaction_time_ = machine_time();
  auto* prepared = prepare(*what.what);
  const reset_at_end guard{prepared};
  bind(prepared, what);
  const auto changes_before = sqlite3_total_changes64(handle_.get());
  const int columns = sqlite3_column_count(prepared);
  std::vector<value> values;
  int code = sqlite3_step(prepared);
  for (; code == SQLITE_ROW; code = sqlite3_step(prepared))
    for (int i = 0; i < columns; ++i) values.push_back(column(prepared, i));
  if (code != SQLITE_DONE) raise_last(what.what->name);
  // The counter of the last change is left alone by statements that change no row.
  const bool changed = sqlite3_total_changes64(handle_.get()) != changes_before;
  wrote_ = wrote_ || changed || what.what == &try_to_write;
  return {static_cast<std::size_t>(columns), std::move(values), changed ? sqlite3_changes64(handle_.get()) : 0};
}

void connection::run_script(const std::string& text, time_point deadline) {
  deadline_ = deadline;
  // Calls that share a commit are transactions of their own, each a savepoint.
  if (text.starts_with("BEGIN") || text.starts_with("SAVEPOINT")) transaction_time_ = machine_time();
  if (sqlite3_exec(handle_.get(), text.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) raise_last("script");
  if (text != "COMMIT") return;
  if (std::exchange(wrote_, false)) refuses_writes_ = false;
}

sqlite3_stmt* connection::prepare(const statement& what) {
  auto& known = prepared_[&what];
  if (known) return known.get();
  const auto text = what.sqlite_text.empty() ? what.text : what.sqlite_text;
  sqlite3_stmt* fresh = nullptr;
  const int code =
      sqlite3_prepare_v3(handle_.get(), text.data(), static_cast<int>(text.size()), SQLITE_PREPARE_PERSISTENT, &fresh, nullptr);
  known.reset(fresh);
  if (code != SQLITE_OK) raise_last(what.name);
  if (fresh == nullptr) throw error(fmt::format("{}: an empty statement", what.name));
  return fresh;
}

void connection::raise_last(std::string_view statement_name) {
  const auto told = of_sqlite(sqlite3_extended_errcode(handle_.get())).told;
  wrote_ = false;
  if (told == answer::away || told == answer::read_only) refuses_writes_ = true;
  raise(sqlite3_extended_errcode(handle_.get()), statement_name, sqlite3_errmsg(handle_.get()));
}

}  // namespace micro_sayur::sql::sqlite
