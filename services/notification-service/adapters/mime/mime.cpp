// SPDX-License-Identifier: Apache-2.0
#include "notification-service/adapters/mime/mime.hpp"

#include "notification-service/domain/ascii_address.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>

namespace micro_sayur::notification_service {
namespace {

constexpr std::size_t longest_encoded_line = 76;  // RFC 2045 section 6.7, without CRLF
constexpr std::size_t longest_header_line = 76;
constexpr std::string_view crlf = "\r\n";
constexpr std::string_view before_word = "=?UTF-8?B?";
constexpr std::string_view after_word = "?=";

bool is_control(char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7f; }
bool is_printable_ascii(char c) { return c >= ' ' && c <= '~'; }
bool continues_code_point(char c) { return (static_cast<unsigned char>(c) & 0xc0U) == 0x80U; }

std::string without_control_characters(std::string_view text) {
  std::string clean(text);
  std::replace_if(clean.begin(), clean.end(), is_control, ' ');
  return clean;
}

std::string base64(std::string_view text) {
  std::string out(4 * ((text.size() + 2) / 3) + 1, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()), reinterpret_cast<const unsigned char*>(text.data()),
                                   static_cast<int>(text.size()));
  out.resize(static_cast<std::size_t>(size));
  return out;
}

/// Writes one line of quoted-printable text, with soft breaks where it is too long.
class line_encoder {
 public:
  explicit line_encoder(std::string& out) : out_(out) {}

  void write(std::string_view line) {
    for (std::size_t i = 0; i < line.size(); ++i) {
      const char c = line[i];
      const bool last = i + 1 == line.size();
      const bool plain = (c >= '!' && c <= '~' && c != '=') || ((c == ' ' || c == '\t') && !last);
      if (plain)
        put(std::string_view(&c, 1));
      else
        put(fmt::format("={:02X}", static_cast<unsigned char>(c)));
    }
  }

 private:
  void put(std::string_view token) {
    if (length_ + token.size() > longest_encoded_line - 1) {
      out_ += "=\r\n";
      length_ = 0;
    }
    out_ += token;
    length_ += token.size();
  }

  std::string& out_;
  std::size_t length_ = 0;
};

/// How many bytes of `text` fit into an encoded word of `room` characters without cutting a code point; at least one code point.
std::size_t fitting_bytes(std::string_view text, std::size_t room) {
  const std::size_t overhead = before_word.size() + after_word.size();
  const std::size_t most = room > overhead ? (room - overhead) / 4 * 3 : 0;
  std::size_t end = std::min(most, text.size());
  while (end > 0 && end < text.size() && continues_code_point(text[end])) --end;
  if (end > 0) return end;
  end = 1;
  while (end < text.size() && continues_code_point(text[end])) ++end;
  return end;
}

std::string encoded_words(std::string_view text, std::size_t used) {
  std::string out;
  while (!text.empty()) {
    const auto taken = fitting_bytes(text, longest_header_line - std::min(used, longest_header_line / 2));
    out += fmt::format("{}{}{}{}", out.empty() ? "" : "\r\n ", before_word, base64(text.substr(0, taken)), after_word);
    text.remove_prefix(taken);
    used = 1;
  }
  return out;
}

bool needs_encoding(std::string_view text, std::size_t used) {
  return used + text.size() > longest_header_line || !std::all_of(text.begin(), text.end(), is_printable_ascii) ||
         text.find("=?") != std::string_view::npos || text.starts_with(' ') || text.ends_with(' ');
}

void append_header(std::string& out, std::string_view name, std::string_view value) {
  fmt::format_to(std::back_inserter(out), "{}: {}\r\n", name, value);
}

void append_part(std::string& out, std::string_view boundary, std::string_view type, std::string_view text) {
  out += fmt::format("--{}\r\n", boundary);
  append_header(out, "Content-Type", fmt::format("{}; charset=utf-8", type));
  append_header(out, "Content-Transfer-Encoding", "quoted-printable");
  out += crlf;
  out += encode_quoted_printable(text);
  out += crlf;
}

}  // namespace

std::string encode_quoted_printable(std::string_view text) {
  std::string out;
  out.reserve(text.size() + text.size() / 8);
  while (true) {
    const auto end = text.find('\n');
    auto line = text.substr(0, end);
    if (end != std::string_view::npos && line.ends_with('\r')) line.remove_suffix(1);
    line_encoder(out).write(line);
    if (end == std::string_view::npos) return out;
    out += crlf;
    text.remove_prefix(end + 1);
  }
}

std::string encode_header_text(std::string_view text, std::size_t used) {
  const auto clean = without_control_characters(text);
  return needs_encoding(clean, used) ? encoded_words(clean, used) : clean;
}

std::string encode_mailbox(const mailbox& what, std::size_t used) {
  const auto address = without_control_characters(what.address);
  const auto name = without_control_characters(what.name);
  if (name.empty()) return address;
  if (needs_encoding(name, used + 2)) return fmt::format("{}\r\n <{}>", encoded_words(name, used), address);
  std::string quoted;
  for (const char c : name) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return fmt::format("\"{}\"\r\n <{}>", quoted, address);
}

std::string format_mail_date(timestamp time) {
  constexpr std::array<std::string_view, 7> days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::seconds>(time - day));
  return fmt::format("{}, {} {} {} {:02}:{:02}:{:02} +0000", days[std::chrono::weekday(day).c_encoding()],
                     static_cast<unsigned>(date.day()), months[static_cast<unsigned>(date.month()) - 1], static_cast<int>(date.year()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

std::string make_message(const mail& what, const mailbox& from) {
  const auto id = what.id.to_string();
  // "=_" cannot stand in quoted-printable text.
  const auto boundary = fmt::format("=_{}", id);
  std::string out;
  out.reserve(2 * (what.content.text.size() + what.content.html.size()) + 1024);
  append_header(out, "From", encode_mailbox(from, 6));
  append_header(out, "To", encode_mailbox({.name = what.to.name, .address = with_ascii_domain(what.to.address)}, 4));
  append_header(out, "Subject", encode_header_text(what.content.subject, 9));
  append_header(out, "Date", format_mail_date(what.created_at));
  append_header(out, "Message-ID", fmt::format("<{}@{}>", id, from.domain()));
  append_header(out, "Auto-Submitted", "auto-generated");
  if (!what.request_id.empty()) append_header(out, "X-Request-Id", encode_header_text(what.request_id, 14));
  append_header(out, "MIME-Version", "1.0");
  if (!what.content.language.empty()) append_header(out, "Content-Language", what.content.language);
  append_header(out, "Content-Type", fmt::format("multipart/alternative;\r\n boundary=\"{}\"", boundary));
  out += crlf;
  append_part(out, boundary, "text/plain", what.content.text);
  append_part(out, boundary, "text/html", what.content.html);
  out += fmt::format("--{}--\r\n", boundary);
  return out;
}

}  // namespace micro_sayur::notification_service
