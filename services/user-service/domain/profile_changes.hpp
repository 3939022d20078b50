// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "user-service/domain/account.hpp"
#include "user-service/domain/field_faults.hpp"

#include <optional>
#include <string>

namespace micro_sayur::user_service {

/// One field of a merge patch (RFC 7396): left alone, cleared, or set.
template <typename T>
struct change {
  bool wanted = false;
  std::optional<T> value;
};

struct profile_changes {
  change<std::string> name;
  change<std::string> phone;
  change<std::string> address;
  change<double> lat;
  change<double> lng;
  change<std::string> locale;
  std::string accept_language;  ///< the header, for a locale that we have no texts for
};

/// Whether nothing is to be changed.
bool is_empty(const profile_changes& changes);

/// 1 to 100 grapheme clusters and at most 400 code points as it is kept, without what nobody sees (control and format characters,
/// separators of lines), and without "://", since names stand in mails.
std::optional<field_fault> check_name(std::string_view name);

/// A language tag; whether we have texts in that language does not matter.
std::optional<field_fault> check_locale(std::string_view locale);

/// A good name as it is kept: trimmed, in Normalization Form C.
std::string kept_name(std::string_view name);

/// Brings the changes into the form in which they are kept (text in Normalization Form C, telephone numbers as E.164, a language of ours)
/// and tells every fault; name and locale cannot be cleared, lat and lng go together. `country_code`: of telephone numbers without one.
field_faults normalise(profile_changes& changes, std::string_view country_code);

/// The account after normalised changes; version and updated_at are the store's.
account apply(account before, const profile_changes& changes);

}  // namespace micro_sayur::user_service
