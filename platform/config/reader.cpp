// SPDX-License-Identifier: Apache-2.0
#include "platform/config/reader.hpp"

#include "platform/config/parse.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <system_error>

namespace micro_sayur::config {
namespace {

constexpr std::string_view required_mark = "required";

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

/// What is wrong with the file; empty: nothing that can be seen without parsing certificates.
std::string fault_of_authorities(const std::string& path) {
  std::error_code none;
  if (std::filesystem::is_directory(path, none)) return fmt::format("{} is a folder", path);
  std::ifstream file(path, std::ios::binary);
  if (!file) return fmt::format("cannot read {}: {}", path, std::generic_category().message(errno));
  for (std::string line; std::getline(file, line);)
    if (line.starts_with("-----BEGIN CERTIFICATE-----") || line.starts_with("-----BEGIN TRUSTED CERTIFICATE-----")) return {};
  return fmt::format("{} holds no certificate", path);
}

}  // namespace

source environment() {
  return [](std::string_view name) -> std::optional<std::string> {
    const char* value = std::getenv(std::string(name).c_str());
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
  };
}

faults::faults(std::vector<std::string> lines) : std::runtime_error(fmt::format("{}", fmt::join(lines, "\n"))), lines_(std::move(lines)) {}

reader::reader(source from) : from_(std::move(from)) {
  development_ = one_of("APP_ENV", "development accepts plain secrets, servers without TLS, and accounts at domains without a dot",
                        {"production", "development"}, "production") == "development";
}

std::string reader::text(std::string_view name, std::string_view help, std::string_view fallback) {
  return take(name, "text", fallback, help).value_or(std::string(fallback));
}

std::string reader::required_text(std::string_view name, std::string_view help) { return required(name, "text", help).value_or(""); }

std::string reader::required_host(std::string_view name, std::string_view help) {
  const auto value = required(name, "host", help);
  if (value && !is_host(*value)) add_wrong_value(name, *value, "a name or an address, without scheme, port and path");
  return value.value_or("");
}

std::optional<std::string> reader::optional_text(std::string_view name, std::string_view help) { return take(name, "text", "", help); }

std::string reader::authorities(std::string_view name, std::string_view help) {
  const auto path = take(name, "file", "", help);
  if (!path) return {};
  if (const auto fault = fault_of_authorities(*path); !fault.empty())
    add_fault(name, fault, "set it to a file of PEM certificates that this user can read");
  return *path;
}

void reader::plaintext(std::string_view server, bool is_secure, std::string_view cause, std::string_view secure) {
  const auto name = fmt::format("{}_PLAINTEXT", server);
  const auto help = fmt::format("whether production may do without {}={}, as over a network that is yours alone", cause, secure);
  const bool allowed = one_of(name, help, {"refused", "allowed"}, "refused") == "allowed";
  if (is_secure || allowed || development_) return;
  add_fault(cause, "whoever is in between could read what is sent, or answer in place of the server",
            fmt::format("set it to {}, or {}=allowed where the network is yours alone", secure, name));
}

std::int64_t reader::integer(std::string_view name, std::string_view help, std::int64_t fallback, integer_range range) {
  const auto value = take(name, "integer", fmt::to_string(fallback), help);
  if (!value) return fallback;
  const auto number = parse_integer(*value);
  if (number && *number >= range.minimum && *number <= range.maximum) return *number;
  const bool bounded = range.maximum != integer_range{}.maximum;
  add_wrong_value(name, *value,
                  bounded ? fmt::format("a whole number from {} to {}", range.minimum, range.maximum)
                          : fmt::format("a whole number, at least {}", range.minimum));
  return fallback;
}

std::uint16_t reader::port(std::string_view name, std::string_view help, std::uint16_t fallback) {
  return static_cast<std::uint16_t>(integer(name, help, fallback, {.minimum = 1, .maximum = 65'535}));
}

bool reader::boolean(std::string_view name, std::string_view help, bool fallback) {
  const auto value = take(name, "boolean", fallback ? "true" : "false", help);
  if (!value) return fallback;
  const auto truth = parse_boolean(*value);
  if (!truth) add_wrong_value(name, *value, "true or false");
  return truth.value_or(fallback);
}

std::chrono::seconds reader::duration(std::string_view name, std::string_view help, std::chrono::seconds fallback,
                                      std::chrono::seconds minimum) {
  const auto value = take(name, "duration", to_text(fallback), help);
  if (!value) return fallback;
  const auto length = parse_duration(*value);
  if (length && *length >= minimum) return *length;
  add_wrong_value(name, *value, fmt::format("a duration such as 30 (seconds), 15m, 24h or 30d, at least {}", to_text(minimum)));
  return fallback;
}

std::string reader::one_of(std::string_view name, std::string_view help, std::initializer_list<std::string_view> choices,
                           std::string_view fallback) {
  const auto value = take(name, fmt::format("{}", fmt::join(choices, "|")), fallback, help);
  if (!value) return std::string(fallback);
  if (std::ranges::find(choices, *value) != choices.end()) return *value;
  add_wrong_value(name, *value, fmt::format("one of {}", fmt::join(choices, ", ")));
  return std::string(fallback);
}

std::vector<std::string> reader::list(std::string_view name, std::string_view help, std::string_view fallback) {
  return split_list(take(name, "list", fallback, help).value_or(std::string(fallback)));
}

std::vector<std::string> reader::required_list(std::string_view name, std::string_view help) {
  const auto value = required(name, "list", help);
  auto items = split_list(value.value_or(""));
  if (value && items.empty()) add_wrong_value(name, *value, "at least one item");
  return items;
}

network_list reader::networks(std::string_view name, std::string_view help, std::string_view fallback) {
  std::vector<network> networks;
  for (const auto& part : split_list(take(name, "networks", fallback, help).value_or(std::string(fallback)))) {
    if (const auto parsed = network::parse(part))
      networks.push_back(*parsed);
    else
      add_wrong_value(name, part, "an address or a block of addresses such as 10.0.0.0/8 or fd00::/8");
  }
  return network_list(std::move(networks));
}

std::string reader::url(std::string_view name, std::string_view help, std::string_view fallback) {
  return checked_url(name, take(name, "URL", fallback, help).value_or(std::string(fallback))).value_or("");
}

std::string reader::required_url(std::string_view name, std::string_view help) {
  const auto value = required(name, "URL", help);
  return value ? checked_url(name, *value).value_or("") : "";
}

std::optional<std::string> reader::optional_url(std::string_view name, std::string_view help) {
  const auto value = take(name, "URL", "", help);
  return value ? checked_url(name, *value) : std::nullopt;
}

std::optional<secret_source> reader::optional_secret(std::string_view name, std::string_view help) {
  const auto file_name = fmt::format("{}_FILE", name);
  const auto path = take(file_name, "file", "", help);
  const auto plain = value_of(name);
  if (plain && path) {
    add_fault(name, fmt::format("is set beside {}", file_name), "set only one of them");
  } else if (plain && !development_) {
    add_fault(name, "is accepted with APP_ENV=development only", fmt::format("put it into a file and set {} to its path", file_name));
  } else if (plain) {
    return secret_source(*plain);
  } else if (path) {
    auto secret = secret_source::from_file(*path);
    if (secret) return *secret;
    add_fault(file_name, secret.error(), "name a file that holds the secret and that this user may read");
  }
  return std::nullopt;
}

secret_source reader::required_secret(std::string_view name, std::string_view help) {
  const auto faults_before = faults_.size();
  const auto secret = optional_secret(name, help);
  auto& documented = *std::ranges::find(variables_, fmt::format("{}_FILE", name), &description::name);
  documented.fallback = required_mark;
  if (!secret && faults_.size() == faults_before)
    add_fault(documented.name, "is required", fmt::format("set it to the path of a file that holds the secret: {}", help));
  return secret.value_or(secret_source());
}

bool reader::is_empty(std::string_view name) const {
  const auto value = from_(name);
  return value && value->empty();
}

bool reader::secret_is_set(std::string_view name) const { return is_set(name) || is_set(fmt::format("{}_FILE", name)); }

void reader::add_fault(std::string_view name, std::string_view what_is_wrong, std::string_view what_to_do) {
  auto line = fmt::format("{}: {}; {}", name, what_is_wrong, what_to_do);
  if (std::ranges::find(faults_, line) == faults_.end()) faults_.push_back(std::move(line));
}

void reader::finish() const {
  if (!faults_.empty()) throw faults(faults_);
}

std::string reader::help() const {
  std::size_t name_width = 0;
  std::size_t type_width = 0;
  std::size_t fallback_width = 0;
  for (const auto& variable : variables_) {
    name_width = std::max(name_width, variable.name.size());
    type_width = std::max(type_width, variable.type.size());
    fallback_width = std::max(fallback_width, variable.fallback.size());
  }
  std::string out;
  const auto append = [&](std::string_view name, std::string_view type, std::string_view fallback, std::string_view help) {
    fmt::format_to(std::back_inserter(out), "  {:<{}}  {:<{}}  {:<{}}  {}\n", name, name_width, type, type_width, fallback, fallback_width,
                   help);
  };
  for (const auto& variable : variables_) append(variable.name, variable.type, variable.fallback, variable.help);
  return out;
}

std::optional<std::string> reader::value_of(std::string_view name) const {
  auto value = from_(name);
  return value && value->empty() ? std::nullopt : std::move(value);
}

std::optional<std::string> reader::take(std::string_view name, std::string_view type, std::string_view fallback, std::string_view help) {
  if (std::ranges::find(variables_, name, &description::name) == variables_.end())
    variables_.push_back({std::string(name), std::string(type), std::string(fallback), std::string(help)});
  auto value = value_of(name);
  if (value && std::ranges::any_of(*value, is_control)) {
    add_fault(name, "holds a control character, such as the end of a line", "take it out");
    return std::nullopt;
  }
  return value;
}

std::optional<std::string> reader::required(std::string_view name, std::string_view type, std::string_view help) {
  auto value = take(name, type, required_mark, help);
  if (!is_set(name)) add_fault(name, "is required", fmt::format("set it: {}", help));
  return value;
}

void reader::add_wrong_value(std::string_view name, std::string_view value, std::string_view wanted) {
  add_fault(name, fmt::format("\"{}\" is not acceptable", value), fmt::format("set it to {}", wanted));
}

std::optional<std::string> reader::checked_url(std::string_view name, const std::string& value) {
  auto url = parse_http_url(value);
  if (!url) add_wrong_value(name, value, "an absolute http or https URL without user, query and fragment");
  return url;
}

}  // namespace micro_sayur::config
