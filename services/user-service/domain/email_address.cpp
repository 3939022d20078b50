// SPDX-License-Identifier: Apache-2.0
#include "user-service/domain/email_address.hpp"

#include "user-service/domain/text.hpp"

#include <idn2.h>
#include <wctype.h>

#include <algorithm>
#include <climits>
#include <clocale>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>

namespace micro_sayur::user_service {
namespace {

constexpr std::size_t longest_address = 254;
constexpr std::size_t longest_local_part = 64;

/// Lower case by Unicode's simple mappings, whatever the locale of the process is. Text that is no UTF-8 stays as it is.
std::string lower_case(const std::string& text) {
  static const locale_t unicode = ::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
  if (unicode == nullptr) throw std::runtime_error("the locale C.UTF-8 is missing");
  const locale_t before = ::uselocale(unicode);
  const std::unique_ptr<void, void (*)(void*)> restore(before, [](void* held) { ::uselocale(static_cast<locale_t>(held)); });
  std::wstring wide(text.size(), L'\0');
  const auto length = std::mbstowcs(wide.data(), text.c_str(), wide.size());
  if (length == static_cast<std::size_t>(-1)) return text;
  wide.resize(length);
  for (auto& letter : wide) letter = static_cast<wchar_t>(::towlower_l(static_cast<wint_t>(letter), unicode));
  std::string out(wide.size() * MB_LEN_MAX, '\0');
  const auto written = std::wcstombs(out.data(), wide.c_str(), out.size());
  if (written == static_cast<std::size_t>(-1)) return text;
  out.resize(written);
  return out;
}

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

/// The domain in lower-case ASCII, or "".
std::string ascii_domain(const std::string& domain) {
  char* encoded = nullptr;
  if (idn2_to_ascii_8z(domain.c_str(), &encoded, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL) != IDN2_OK) return {};
  const std::unique_ptr<char, decltype(&idn2_free)> owner(encoded, &idn2_free);
  std::string ascii(encoded);
  std::transform(ascii.begin(), ascii.end(), ascii.begin(), lower);
  const bool well_formed = std::all_of(ascii.begin(), ascii.end(), is_domain_character) && !ascii.starts_with('.') &&
                           !ascii.ends_with('.') && ascii.find("..") == std::string::npos && ascii.find("-.") == std::string::npos &&
                           ascii.find(".-") == std::string::npos && !ascii.starts_with('-') && !ascii.ends_with('-');
  return well_formed ? ascii : std::string();
}

}  // namespace

std::expected<email_address, std::string> parse_email_address(std::string_view typed) {
  const auto text = trimmed(typed);
  if (text.size() > longest_address) return std::unexpected("must have at most 254 bytes");
  const auto at = text.rfind('@');
  if (at == std::string_view::npos || !is_local_part(text.substr(0, at)))
    return std::unexpected("must be an e-mail address, such as nama@example.com");
  const auto domain = ascii_domain(std::string(text.substr(at + 1)));
  if (domain.empty()) return std::unexpected("must have a valid domain after the @");
  email_address address{.text = std::string(text), .key = std::string(text.substr(0, at))};
  address.key = lower_case(address.key) + "@" + domain;
  if (address.key.size() > longest_address) return std::unexpected("must have at most 254 bytes");
  return address;
}

}  // namespace micro_sayur::user_service
