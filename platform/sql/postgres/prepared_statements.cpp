// SPDX-License-Identifier: Apache-2.0
#include "platform/sql/postgres/prepared_statements.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <utility>

namespace micro_sayur::sql::postgres {

prepared_statements::named prepared_statements::name_of(const statement& what) {
  const auto [known, is_new] = names_.try_emplace(&what);
  if (is_new) known->second = fmt::format("s{}", ++count_);
  return {known->second, is_new};
}

void prepared_statements::forget(const statement* what, const std::string& name) {
  const auto known = names_.find(what);
  if (known != names_.end() && known->second == name) names_.erase(known);
}

void prepared_statements::note_changed_schema() {
  const auto now = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
  if (prepared_for_ == known_->plan_age) known_->plan_age = std::max(prepared_for_ + 1, static_cast<std::uint64_t>(now));
  forget_old();
}

void prepared_statements::forget_old() {
  if (std::exchange(prepared_for_, known_->plan_age.load()) != prepared_for_) names_.clear();
}

std::string prepared_statements::text_behind_pooler(const statement& what) const {
  return prepared_for_ == 0 ? std::string(what.text) : fmt::format("{} /* {} */", what.text, prepared_for_);
}

}  // namespace micro_sayur::sql::postgres
