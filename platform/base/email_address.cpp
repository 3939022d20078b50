// SPDX-License-Identifier: Apache-2.0
#include "platform/base/email_address.hpp"

#include "platform/base/text.hpp"
#include "platform/base/unicode.hpp"
#include "platform/base/utf8.hpp"

#include <idn2.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>

namespace micro_sayur {
namespace {

constexpr std::size_t longest_local_part = 64;
constexpr std::string_view too_long = "must have at most 254 bytes";

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool is_local_part_character(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte > 0x20 && byte != 0x7f && std::string_view("()<>[]:;@\\,\"").find(c) == std::string_view::npos;
}

bool is_local_part(std::string_view part) {
  return !part.empty() && part.size() <= longest_local_part && std::all_of(part.begin(), part.end(), is_local_part_character) &&
         part.front() != '.' && part.back() != '.' && part.find("..") == std::string_view::npos;
}

bool is_domain_character(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.'; }

/// UTS 46 maps what is ignorable to nothing, joiners apart, which it judges by their context: the name of such a character.
std::optional<char32_t> find_ignored(std::string_view domain) {
  constexpr std::string_view joiners[] = {"\u200c", "\u200d"};
  std::string judged(domain);
  for (const auto joiner : joiners)
    for (auto at = judged.find(joiner); at != std::string::npos; at = judged.find(joiner)) judged.erase(at, joiner.size());
  return find_invisible(judged);
}

/// As no name of a host does, since it would be an address (RFC 3696 section 2).
bool ends_in_number(std::string_view domain) {
  return std::ranges::all_of(domain.substr(domain.rfind('.') + 1), [](char c) { return c >= '0' && c <= '9'; });
}

/// The domain in lower-case ASCII, or "". STD3's rules are the look at each character of the result: with IDN2_USE_STD3_ASCII_RULES
/// libidn2 2.3.3 drops what they refuse ("a_b" becomes "ab"), and mail would go to somebody else. Its look-up has CheckBidi and
/// CheckJoiners.
std::string ascii_domain(const std::string& domain) {
  if (domain.contains('\0')) return {};
  char* encoded = nullptr;
  constexpr int flags = IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL;
  if (idn2_to_ascii_8z(domain.c_str(), &encoded, flags) != IDN2_OK) return {};
  const std::unique_ptr<char, decltype(&idn2_free)> owner(encoded, &idn2_free);
  std::string ascii(encoded);
  std::transform(ascii.begin(), ascii.end(), ascii.begin(), lower);
  const bool well_formed = std::all_of(ascii.begin(), ascii.end(), is_domain_character) && !ascii.starts_with('.') &&
                           !ascii.ends_with('.') && ascii.find("..") == std::string::npos && ascii.find("-.") == std::string::npos &&
                           ascii.find(".-") == std::string::npos && !ascii.starts_with('-') && !ascii.ends_with('-') &&
                           !ends_in_number(ascii);
  return well_formed ? ascii : std::string();
}

std::unexpected<std::string> refused(char32_t what, std::string_view where) {
  return std::unexpected("must not have " + name_of(what) + " " + std::string(where));
}

}  // namespace

std::expected<email_address, std::string> parse_email_address(std::string_view typed) {
  if (typed.size() > 2 * longest_email_address || !is_utf8(typed)) return std::unexpected(std::string(too_long) + " of UTF-8");
  const auto text = composed(trimmed(typed));
  if (text.size() > longest_email_address) return std::unexpected(std::string(too_long));
  const auto at = text.rfind('@');
  if (at == std::string::npos || !is_local_part(std::string_view(text).substr(0, at)))
    return std::unexpected("must be an e-mail address, such as nama@example.com");
  const auto local_part = text.substr(0, at);
  const auto typed_domain = text.substr(at + 1);
  if (const auto unfit = find_unfit_for_identifiers(local_part)) return refused(*unfit, "before the @");
  if (has_control_characters(typed_domain)) return std::unexpected("must not have control characters");
  if (const auto ignored = find_ignored(typed_domain)) return refused(*ignored, "after the @");
  const auto domain = ascii_domain(typed_domain);
  if (domain.empty()) return std::unexpected("must have a valid domain after the @");
  email_address address{.text = text, .key = composed(lower_case(local_part)) + "@" + domain};
  if (address.key.size() > longest_email_address) return std::unexpected(std::string(too_long));
  return address;
}

std::optional<std::string> parse_domain(std::string_view typed) {
  if (!is_utf8(typed) || has_control_characters(typed) || find_ignored(typed)) return std::nullopt;
  auto domain = ascii_domain(std::string(typed));
  return domain.empty() ? std::nullopt : std::optional(std::move(domain));
}

}  // namespace micro_sayur
