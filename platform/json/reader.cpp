// SPDX-License-Identifier: Apache-2.0
#include "platform/json/reader.hpp"

#include "platform/base/utf8.hpp"
#include "platform/json/text.hpp"

#include <fmt/core.h>
#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/value_stack.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>
#include <vector>

namespace micro_sayur::json {
namespace {

using boost::json::error;
using boost::json::string_view;
using error_code = boost::system::error_code;

/// Builds the value, and stops the parser where our own rules are broken. Boost.JSON calls these names.
struct checking_handler {
  static constexpr std::size_t max_object_size = boost::json::object::max_size();
  static constexpr std::size_t max_array_size = boost::json::array::max_size();
  static constexpr std::size_t max_key_size = boost::json::string::max_size();
  static constexpr std::size_t max_string_size = boost::json::string::max_size();

  explicit checking_handler(std::size_t member_limit_) : member_limit(member_limit_) {}

  const std::size_t member_limit;
  boost::json::value_stack values;
  std::vector<std::string> keys;    ///< of every object that is open, the innermost last
  std::vector<std::size_t> firsts;  ///< by open object: where its keys begin
  std::string key;
  std::string digits;
  std::string refusal;

  bool refuse(std::string why, error_code& ec) {
    refusal = std::move(why);
    ec = make_error_code(error::syntax);
    return false;
  }

  bool without_nul(string_view text, error_code& ec) {
    if (text.find('\0') == string_view::npos) return true;
    return refuse("the character U+0000 is not accepted", ec);
  }

  /// The double nearest to `digits`: the parser's own may be the one beside it, and then a number changes each time that it is read
  /// and written. What is too small for from_chars is taken as the parser sees it.
  double nearest(double parsed) const {
    double exact = 0;
    const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), exact);
    return failure == std::errc() && end == digits.data() + digits.size() ? exact : parsed;
  }

  bool on_document_begin(error_code&) {
    values.reset();
    return true;
  }
  bool on_document_end(error_code&) { return true; }
  bool on_object_begin(error_code&) {
    firsts.push_back(keys.size());
    return true;
  }
  bool on_object_end(std::size_t size, error_code&) {
    keys.resize(firsts.back());
    firsts.pop_back();
    values.push_object(size);
    return true;
  }
  bool on_array_begin(error_code&) { return true; }
  bool on_array_end(std::size_t size, error_code&) {
    values.push_array(size);
    return true;
  }
  bool on_key_part(string_view part, std::size_t, error_code& ec) {
    key.append(part.data(), part.size());
    values.push_chars(part);
    return without_nul(part, ec);
  }
  bool on_key(string_view part, std::size_t, error_code& ec) {
    key.append(part.data(), part.size());
    if (!without_nul(part, ec)) return false;
    const auto first = keys.begin() + static_cast<std::ptrdiff_t>(firsts.back());
    if (std::find(first, keys.end(), key) != keys.end()) return refuse(fmt::format("duplicate key '{}'", excerpt(key)), ec);
    if (keys.size() - firsts.back() >= member_limit) return refuse(fmt::format("an object of more than {} members", member_limit), ec);
    keys.push_back(std::exchange(key, {}));
    values.push_key(part);
    return true;
  }
  bool on_string_part(string_view part, std::size_t, error_code& ec) {
    values.push_chars(part);
    return without_nul(part, ec);
  }
  bool on_string(string_view part, std::size_t, error_code& ec) {
    values.push_string(part);
    return without_nul(part, ec);
  }
  bool on_number_part(string_view part, error_code&) {
    digits.append(part.data(), part.size());
    return true;
  }
  bool on_int64(std::int64_t number, string_view, error_code&) {
    digits.clear();
    values.push_int64(number);
    return true;
  }
  bool on_uint64(std::uint64_t number, string_view, error_code&) {
    digits.clear();
    values.push_uint64(number);
    return true;
  }
  bool on_double(double number, string_view part, error_code& ec) {
    digits.append(part.data(), part.size());
    number = nearest(number);
    digits.clear();
    values.push_double(number);
    return std::isfinite(number) || refuse("a number is out of range", ec);
  }
  bool on_bool(bool truth, error_code&) {
    values.push_bool(truth);
    return true;
  }
  bool on_null(error_code&) {
    values.push_null();
    return true;
  }
  bool on_comment_part(string_view, error_code&) { return true; }
  bool on_comment(string_view, error_code&) { return true; }
};

/// Whether the last escape is the first half of a character beyond U+FFFF: \ud800 to \udbff.
bool ends_in_half_a_character(std::string_view read) {
  if (read.size() < 6) return false;
  const auto escape = read.substr(read.size() - 6);
  return escape.starts_with("\\u") && (escape[2] == 'd' || escape[2] == 'D') && std::string_view("89abAB").contains(escape[3]);
}

std::string reason(std::string_view text, std::size_t consumed, const error_code& ec) {
  if (text.starts_with("\xef\xbb\xbf")) return "the text begins with a byte order mark";
  if (!is_utf8(text)) return "the text is not valid UTF-8";
  if (ec == error::illegal_leading_surrogate || ec == error::illegal_trailing_surrogate || ec == error::expected_utf16_escape ||
      (ec == error::syntax && ends_in_half_a_character(text.substr(0, consumed))))
    return "\\u escapes of half a character";
  if (ec == error::too_deep) return fmt::format("nested deeper than {} levels", max_depth);
  if (ec == error::exponent_overflow) return "a number is out of range";
  if (ec == error::incomplete || consumed == text.size()) return "the text ends too early";
  if (ec == error::extra_data) return "more text follows the value";
  return ec.message();
}

syntax_error place(std::string_view text, std::size_t offset, std::string message) {
  syntax_error fault{.message = std::move(message)};
  for (const char c : text.substr(0, offset)) {
    ++fault.column;
    if (c == '\n') ++fault.line, fault.column = 1;
  }
  return fault;
}

}  // namespace

std::string syntax_error::to_string() const { return fmt::format("line {}, column {}: {}", line, column, message); }

std::expected<boost::json::value, syntax_error> parse(std::string_view text, std::size_t member_limit) {
  boost::json::parse_options options;
  options.max_depth = max_depth;
  boost::json::basic_parser<checking_handler> parser(options, member_limit);
  error_code ec;
  const auto consumed = parser.write_some(false, text.data(), text.size(), ec);
  if (!ec && consumed < text.size()) ec = make_error_code(error::extra_data);
  if (!ec) return parser.handler().values.release();
  auto& refusal = parser.handler().refusal;
  return std::unexpected(place(text, consumed, refusal.empty() ? reason(text, consumed, ec) : std::move(refusal)));
}

}  // namespace micro_sayur::json
