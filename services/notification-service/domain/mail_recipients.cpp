// SPDX-License-Identifier: Apache-2.0
#include "notification-service/domain/mail_recipients.hpp"

#include "notification-service/domain/ascii_address.hpp"
#include "platform/base/foreign_text.hpp"
#include "platform/base/utf8.hpp"

#include <fmt/format.h>
#include <unicase.h>
#include <unictype.h>
#include <uninorm.h>
#include <unistr.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>

namespace micro_sayur::notification_service {
namespace {

constexpr std::string_view everybody = "everybody";
constexpr std::string_view nobody = "nobody";
constexpr std::size_t longest_local_part = 64;
constexpr std::size_t longest_domain = 253;
constexpr std::size_t longest_label = 63;

const std::uint8_t* bytes_of(std::string_view text) { return reinterpret_cast<const std::uint8_t*>(text.data()); }

/// In lower case and Normalization Form C, whatever the locale of the process is.
std::string folded(std::string_view text) {
  std::size_t size = 0;
  const std::unique_ptr<std::uint8_t, decltype(&std::free)> made(
      u8_tolower(bytes_of(text), text.size(), nullptr, UNINORM_NFC, nullptr, &size), &std::free);
  if (!made) throw std::bad_alloc();
  return {reinterpret_cast<const char*>(made.get()), size};
}

bool has_invisible(std::string_view text) {
  constexpr auto unseen = UC_CATEGORY_MASK_Cc | UC_CATEGORY_MASK_Cf | UC_CATEGORY_MASK_Zl | UC_CATEGORY_MASK_Zp | UC_CATEGORY_MASK_Zs;
  for (std::size_t at = 0; at < text.size();) {
    ucs4_t point = 0;
    at += static_cast<std::size_t>(u8_mbtouc(&point, bytes_of(text) + at, text.size() - at));
    if (uc_is_general_category_withtable(point, unseen) || uc_is_property_default_ignorable_code_point(point)) return true;
  }
  return false;
}

bool is_local_part_character(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte > ' ' && byte != 0x7f && std::string_view("()<>[]:;@\\,\"").find(c) == std::string_view::npos;
}

bool is_local_part(std::string_view text) {
  return !text.empty() && text.size() <= longest_local_part && std::ranges::all_of(text, is_local_part_character);
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_label(std::string_view text) {
  const auto fits = [](char c) { return (c >= 'a' && c <= 'z') || is_digit(c) || c == '-'; };
  return !text.empty() && text.size() <= longest_label && std::ranges::all_of(text, fits) && text.front() != '-' && text.back() != '-';
}

/// Of what ascii_domain returns. What ends in a number is an address of a machine.
bool is_domain(std::string_view text) {
  if (text.size() > longest_domain || std::ranges::all_of(text.substr(text.rfind('.') + 1), is_digit)) return false;
  while (true) {
    const auto dot = text.find('.');
    if (!is_label(text.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    text.remove_prefix(dot + 1);
  }
}

std::optional<std::string> domain_key(std::string_view domain) {
  auto ascii = ascii_domain(domain);
  return ascii && is_domain(*ascii) ? ascii : std::nullopt;
}

/// Both parts of an address, each as it is compared.
struct address_key {
  std::string local_part;
  std::string domain;
};

std::optional<address_key> key_of(std::string_view address) {
  const auto at = address.rfind('@');
  if (at == std::string_view::npos || !is_utf8(address) || !is_local_part(address.substr(0, at))) return std::nullopt;
  auto domain = domain_key(address.substr(at + 1));
  if (!domain) return std::nullopt;
  return address_key{folded(address.substr(0, at)), *std::move(domain)};
}

std::expected<std::string, std::string> parse_entry(std::string_view entry) {
  const auto refused = [&](std::string_view why) { return std::unexpected(fmt::format("\"{}\" {}", foreign_text(entry), why)); };
  if (!is_utf8(entry)) return refused("is not UTF-8");
  if (has_invisible(entry)) return refused("has a blank or a character that nobody sees in it");
  if (entry.starts_with("*@") || entry.starts_with('@')) return refused("is no address; the domain alone names everybody at it");
  if (const auto address = key_of(entry)) return address->local_part + '@' + address->domain;
  if (auto domain = domain_key(entry)) return *std::move(domain);
  return refused("is neither an address nor a domain");
}

}  // namespace

std::expected<mail_recipients, std::vector<std::string>> mail_recipients::parse(const std::vector<std::string>& entries) {
  if (entries.empty()) return std::unexpected(std::vector<std::string>{"it names neither anybody nor nobody"});
  if (entries.size() == 1 && entries.front() == everybody) return mail_recipients();
  if (entries.size() == 1 && entries.front() == nobody) return mail_recipients(keys{});
  keys named;
  std::vector<std::string> faults;
  for (const auto& entry : entries) {
    if (entry == everybody || entry == nobody)
      faults.push_back(fmt::format("\"{}\" stands beside others", entry));
    else if (auto key = parse_entry(entry))
      named.insert(*std::move(key));
    else
      faults.push_back(std::move(key.error()));
  }
  if (!faults.empty()) return std::unexpected(std::move(faults));
  return mail_recipients(std::move(named));
}

bool mail_recipients::names(std::string_view address) const {
  if (!named_) return true;
  if (named_->empty()) return false;
  const auto key = key_of(address);
  return key && (named_->contains(key->domain) || named_->contains(key->local_part + '@' + key->domain));
}

std::optional<std::size_t> mail_recipients::count() const { return named_ ? std::optional(named_->size()) : std::nullopt; }

}  // namespace micro_sayur::notification_service
