// SPDX-License-Identifier: Apache-2.0
#include "notification-service/domain/mail_recipients.hpp"

#include "platform/base/email_address.hpp"
#include "platform/base/foreign_text.hpp"
#include "platform/base/text.hpp"
#include "platform/base/unicode.hpp"
#include "platform/base/utf8.hpp"

#include <fmt/format.h>

#include <utility>

namespace micro_sayur::notification_service {
namespace {

constexpr std::string_view everybody = "everybody";
constexpr std::string_view nobody = "nobody";

bool has_unseen(std::string_view text) { return has_control_characters(text) || has_white_space(text) || find_invisible(text); }

std::optional<std::string> key_of(std::string_view address) {
  if (!is_utf8(address) || has_unseen(address)) return std::nullopt;
  auto parsed = parse_email_address(address);
  return parsed ? std::optional(std::move(parsed->key)) : std::nullopt;
}

std::expected<std::string, std::string> parse_entry(std::string_view entry) {
  const auto refused = [&](std::string_view why) { return std::unexpected(fmt::format("\"{}\" {}", foreign_text(entry), why)); };
  if (!is_utf8(entry)) return refused("is not UTF-8");
  if (has_unseen(entry)) return refused("has a blank or a character that nobody sees in it");
  if (entry.starts_with("*@") || entry.starts_with('@')) return refused("is no address; the domain alone names everybody at it");
  if (auto address = key_of(entry)) return *std::move(address);
  auto domain = parse_domain(entry);
  if (domain && !domain->contains('.'))
    return refused("has no dot, so it is no domain; the words are everybody and nobody, in small letters");
  if (domain) return *std::move(domain);
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
  return key && (named_->contains(*key) || named_->contains(std::string_view(*key).substr(key->rfind('@') + 1)));
}

std::optional<std::size_t> mail_recipients::count() const { return named_ ? std::optional(named_->size()) : std::nullopt; }

}  // namespace micro_sayur::notification_service
