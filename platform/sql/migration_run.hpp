// SPDX-License-Identifier: Apache-2.0
// How a file is applied: in its turn, with little patience for locks and more for attempts.
#pragma once

#include "platform/sql/migrations.hpp"
#include "platform/sql/outside_transaction.hpp"

namespace micro_sayur::sql {

/// Used once, by `migrate`. What is given by reference must outlive it.
class migration_run {
 public:
  migration_run(database& on, std::string_view service, std::span<const migration> known, const migration_options& with)
      : on_(on), service_(service), known_(known), with_(with) {}

  /// Applies the first file that is missing; false when there is none. Waits while another runner is at work. Throws as `migrate` does.
  async::task<bool> apply_next();

 private:
  enum class outcome { nothing_is_missing, applied, another_runs, runs_outside };

  async::task<outcome> attempt();
  async::task<outcome> attempt_inside();
  async::task<outcome> attempt_outside(const migration& file, const concurrent_index& index);
  async::task<> drop_remains(session& in, const concurrent_index& index);
  void note_attempt();
  std::chrono::milliseconds patience_left() const;
  async::task<> watch(std::int64_t process, async::task<> work);
  void tell(const std::string& what) const;
  std::string name_of(const migration& file) const;
  std::string lock_fault(const std::string& said) const;
  std::string ended_fault(const std::string& said) const;
  std::string fault(const std::string& said) const;

  database& on_;
  const std::string_view service_;
  const std::span<const migration> known_;
  const migration_options& with_;
  const migration* current_ = nullptr;  ///< that is being applied
  int attempts_ = 0;                    ///< to apply it
  std::chrono::steady_clock::time_point last_attempt_;
  std::string holders_;  ///< of the lock that it last waited for
};

}  // namespace micro_sayur::sql
