// SPDX-License-Identifier: Apache-2.0
// Typed configuration. A program has one function `settings read_settings(config::reader&)`, which reads every variable and thereby
// documents it: run on an empty source it yields the text of --help.
#pragma once

#include "platform/config/network.hpp"
#include "platform/config/secret.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <limits>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace micro_sayur::config {

/// EX_CONFIG of sysexits(3): the exit status of a program whose configuration has faults.
inline constexpr int exit_config = 78;

/// The text of a variable, nullopt when it is not set.
using source = std::function<std::optional<std::string>(std::string_view name)>;

/// The environment of this process.
source environment();

/// Everything that is wrong, one line each: the variable, what is wrong, what to do.
class faults : public std::runtime_error {
 public:
  explicit faults(std::vector<std::string> lines);
  const std::vector<std::string>& lines() const { return lines_; }

 private:
  std::vector<std::string> lines_;
};

struct integer_range {
  std::int64_t minimum = 0;
  std::int64_t maximum = std::numeric_limits<std::int64_t>::max();
};

/// None of the reading functions throws: a variable that is missing or wrong is noted, and a neutral value returned, until finish().
/// A variable that is set to nothing counts as not set; a control character in any is a fault. `help` is one phrase without a full stop.
/// Not thread-safe.
class reader {
 public:
  /// Reads APP_ENV.
  explicit reader(source from);

  /// APP_ENV=development: plain secrets are accepted.
  bool development() const { return development_; }

  std::string text(std::string_view name, std::string_view help, std::string_view fallback);
  std::string required_text(std::string_view name, std::string_view help);
  std::string required_host(std::string_view name, std::string_view help);
  std::optional<std::string> optional_text(std::string_view name, std::string_view help);

  std::int64_t integer(std::string_view name, std::string_view help, std::int64_t fallback, integer_range range = {});
  std::uint16_t port(std::string_view name, std::string_view help, std::uint16_t fallback);
  bool boolean(std::string_view name, std::string_view help, bool fallback);

  /// "30" (seconds), "30s", "15m", "24h", "30d".
  std::chrono::seconds duration(std::string_view name, std::string_view help, std::chrono::seconds fallback,
                                std::chrono::seconds minimum = std::chrono::seconds(0));

  std::string one_of(std::string_view name, std::string_view help, std::initializer_list<std::string_view> choices,
                     std::string_view fallback);

  /// Separated by commas; the fallback is written likewise.
  std::vector<std::string> list(std::string_view name, std::string_view help, std::string_view fallback = "");
  std::vector<std::string> required_list(std::string_view name, std::string_view help);
  network_list networks(std::string_view name, std::string_view help, std::string_view fallback = "");

  /// Absolute, http or https, without a slash at its end.
  std::string url(std::string_view name, std::string_view help, std::string_view fallback);
  std::string required_url(std::string_view name, std::string_view help);
  std::optional<std::string> optional_url(std::string_view name, std::string_view help);

  /// A file of certificate authorities (PEM) that can be read; empty when not set.
  std::string authorities(std::string_view name, std::string_view help);

  /// Reads `server`_PLAINTEXT: whether a connection whose other end is not proved, or that others can read, is allowed. In production
  /// it is a fault of the variable `cause`, for which `secure` would be right, unless it is allowed or `is_secure`.
  void plaintext(std::string_view server, bool is_secure, std::string_view cause, std::string_view secure);

  /// `name`_FILE names a file that holds the secret; `name` itself is accepted in development only.
  secret_source required_secret(std::string_view name, std::string_view help);
  std::optional<secret_source> optional_secret(std::string_view name, std::string_view help);

  /// Whether the variable has a value, right or wrong.
  bool is_set(std::string_view name) const { return value_of(name).has_value(); }

  /// Whether it is there without a value: for what must not be taken for not set.
  bool is_empty(std::string_view name) const;

  /// Whether a secret was given, in a file or plainly, right or wrong: then it has told its own fault.
  bool secret_is_set(std::string_view name) const;

  /// A fault that only the program can see, such as two variables that exclude each other.
  void add_fault(std::string_view name, std::string_view what_is_wrong, std::string_view what_to_do);

  /// Throws `faults` when there are any.
  void finish() const;

  /// Every variable read so far, once, in that order: type, default and description.
  std::string help() const;

 private:
  struct description {
    std::string name;
    std::string type;
    std::string fallback;
    std::string help;
  };

  std::optional<std::string> value_of(std::string_view name) const;
  std::optional<std::string> take(std::string_view name, std::string_view type, std::string_view fallback, std::string_view help);
  std::optional<std::string> required(std::string_view name, std::string_view type, std::string_view help);
  void add_wrong_value(std::string_view name, std::string_view value, std::string_view wanted);
  std::optional<std::string> checked_url(std::string_view name, const std::string& value);

  source from_;
  bool development_ = false;
  std::vector<description> variables_;
  std::vector<std::string> faults_;
};

/// What `read` makes of this process's environment. Throws `faults` with everything that is wrong.
template <typename Read>
auto read_environment(Read read) {
  reader from(environment());
  auto out = read(from);
  from.finish();
  return out;
}

}  // namespace micro_sayur::config
