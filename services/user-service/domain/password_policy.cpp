// SPDX-License-Identifier: Apache-2.0
#include "user-service/domain/password_policy.hpp"

#include "platform/base/text.hpp"
#include "platform/base/utf8.hpp"

#include <zxcvbn.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace micro_sayur::user_service {
namespace {

/// zxcvbn's time grows faster than the length; what follows this many bytes only makes a password better.
constexpr std::size_t judged_bytes = 64;

/// Nor is its time bounded in the words of its dictionary, which a stranger gives.
constexpr std::size_t most_words = 16;
constexpr std::size_t longest_word = 64;

/// `text` as it is, and its parts.
void add_words(std::string_view text, std::vector<std::string>& words) {
  constexpr std::string_view separators = " @.-_+";
  const auto most = words.size() + most_words;
  const auto add = [&](std::string_view word) {
    if (!word.empty() && words.size() < most) words.emplace_back(word.substr(0, longest_word));
  };
  add(text);
  while (!text.empty() && words.size() < most) {
    const auto end = std::min(text.find_first_of(separators), text.size());
    add(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

/// The words an attacker would try first: ours, the name's, and the address's two sides.
std::vector<std::string> personal_words(std::string_view email, std::string_view name) {
  std::vector<std::string> words{"microsayur", "micro-sayur", "sayur"};
  add_words(email, words);
  add_words(name, words);
  return words;
}

double guesses_log10(std::string_view password, std::string_view email, std::string_view name) {
  const auto words = personal_words(email, name);
  std::vector<const char*> user_dictionary;
  for (const auto& word : words) user_dictionary.push_back(word.c_str());
  user_dictionary.push_back(nullptr);
  const std::string judged(password.substr(0, judged_bytes));
  const double bits = ZxcvbnMatch(judged.c_str(), user_dictionary.data(), nullptr);
  return bits * std::log10(2.0);
}

}  // namespace

std::optional<password_refusal> judge_password(std::string_view password, std::string_view email, std::string_view name) {
  const auto length = code_points(password);
  if (length < shortest_password) return password_refusal{"too_short", "must have at least 8 characters"};
  if (has_control_characters(password)) return password_refusal{"invalid_format", "must not have control characters"};
  if (length > longest_password) return password_refusal{"too_long", "must have at most 128 characters"};
  if (guesses_log10(password, email, name) < least_guesses_log10)
    return password_refusal{"too_weak", "is too easy to guess; use several uncommon words, without your name or address"};
  return std::nullopt;
}

}  // namespace micro_sayur::user_service
