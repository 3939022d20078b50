// SPDX-License-Identifier: Apache-2.0
// The statements that one session has prepared.
#pragma once

#include "platform/sql/database.hpp"
#include "platform/sql/postgres/common_knowledge.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>

namespace micro_sayur::sql::postgres {

class prepared_statements {
 public:
  explicit prepared_statements(std::shared_ptr<common_knowledge> known) : known_(std::move(known)) {}

  struct named {
    const std::string& name;
    bool is_new;  ///< the session does not know it yet
  };
  named name_of(const statement& what);

  /// It was not prepared after all. Not when it was prepared again meanwhile, under another name.
  void forget(const statement* what, const std::string& name);

  void forget_all() { names_.clear(); }

  /// One change of the schema makes many plans unfit, on every connection: one of them meets it, and all prepare anew.
  void note_changed_schema();

  /// Those that were prepared before the schema changed.
  void forget_old();

  /// The text to prepare. A PgBouncer keeps what it has prepared by the text, whoever forgets a name: after a change of the schema the text
  /// has to be another one, which no other instance has sent before.
  std::string text_behind_pooler(const statement& what) const;

 private:
  const std::shared_ptr<common_knowledge> known_;
  std::unordered_map<const statement*, std::string> names_;
  std::size_t count_ = 0;
  std::uint64_t prepared_for_ = 0;  ///< the plan_age
};

}  // namespace micro_sayur::sql::postgres
