// SPDX-License-Identifier: Apache-2.0
#include "notification-service/adapters/smtp/smtp_session.hpp"

#include "platform/base/foreign_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace micro_sayur::notification_service {
namespace {

// Servers count a client's NOOPs and slow it down after about a hundred (Postfix: smtpd_junk_command_limit).
constexpr unsigned most_noops = 50;

constexpr std::array<std::string_view, 10> verbs{"EHLO", "HELO", "STARTTLS", "AUTH", "MAIL", "RCPT", "DATA", "NOOP", "RSET", "QUIT"};

std::string_view without_line_end(std::string_view text) {
  while (text.ends_with('\n') || text.ends_with('\r')) text.remove_suffix(1);
  return text;
}

/// The server as libcurl wants it; the path is what we call ourselves in EHLO.
std::string url_of(const smtp_settings& with) {
  const bool is_ipv6 = with.host.find(':') != std::string::npos;
  return fmt::format("{}://{}{}{}:{}/{}", with.tls == smtp_tls::tls ? "smtps" : "smtp", is_ipv6 ? "[" : "", with.host, is_ipv6 ? "]" : "",
                     with.port, with.from.domain());
}

std::size_t ignore_body(char*, std::size_t size, std::size_t count, void*) noexcept { return size * count; }

/// Extensions are named in any case (RFC 5321 2.4).
bool is_smtputf8(std::string_view extension) {
  return std::ranges::equal(extension, std::string_view("SMTPUTF8"),
                            [](char said, char wanted) { return (said & ~0x20) == (wanted & ~0x20); });
}

std::string in_brackets(std::string_view address) { return fmt::format("<{}>", address); }

bool broke(CURLcode code) {
  // What libcurl reports when the server's reply is the fault; anything else is the connection's.
  return code != CURLE_SEND_ERROR && code != CURLE_RECV_ERROR && code != CURLE_WEIRD_SERVER_REPLY && code != CURLE_LOGIN_DENIED &&
         code != CURLE_REMOTE_ACCESS_DENIED && code != CURLE_USE_SSL_FAILED;
}

}  // namespace

smtp_session::smtp_session(const smtp_settings& settings, const std::atomic<bool>& abort) : settings_(settings) {
  handle_.set(CURLOPT_URL, url_of(settings_));
  handle_.set(CURLOPT_PROTOCOLS_STR, std::string("smtp,smtps"));
  handle_.set(CURLOPT_PROXY, std::string());  // libcurl would take one from the environment
  handle_.set(CURLOPT_MAXCONNECTS, 1);
  handle_.set(CURLOPT_CONNECTTIMEOUT_MS, settings_.connect_timeout.count());
  handle_.set(CURLOPT_USE_SSL, long{settings_.tls == smtp_tls::none ? CURLUSESSL_NONE : CURLUSESSL_ALL});
  handle_.set(CURLOPT_SSLVERSION, long{CURL_SSLVERSION_TLSv1_2});
  if (!settings_.ca_file.empty()) handle_.set(CURLOPT_CAINFO, settings_.ca_file);
  handle_.set(CURLOPT_MAIL_FROM, in_brackets(settings_.from.address));
  handle_.set_pointer(CURLOPT_WRITEFUNCTION, &ignore_body);
  handle_.set_pointer(CURLOPT_READFUNCTION, &smtp_session::on_read);
  handle_.set_pointer(CURLOPT_READDATA, this);
  handle_.set_pointer(CURLOPT_XFERINFOFUNCTION, &smtp_session::on_progress);
  handle_.set_pointer(CURLOPT_XFERINFODATA, &abort);
  handle_.set(CURLOPT_NOPROGRESS, 0);
  // The only way to learn which command a reply belongs to.
  handle_.set_pointer(CURLOPT_DEBUGFUNCTION, &smtp_session::on_trace);
  handle_.set_pointer(CURLOPT_DEBUGDATA, this);
  handle_.set(CURLOPT_VERBOSE, 1);
}

delivery_outcome smtp_session::send(const std::string& recipient, const std::string& message, time_point deadline) {
  if (auto refused = refuse_beyond_ascii(recipient, deadline)) return *std::move(refused);
  prepare_connection();
  prepare_transaction(recipient, message);
  auto last = run(deadline, false);
  if (may_try_again(last)) {
    prepare_transaction(recipient, message);
    last = run(deadline, true);
  }
  return judge(last);
}

reachability smtp_session::answers(time_point deadline) {
  prepare_connection();
  prepare_noop();
  auto last = run(deadline, noops_ >= most_noops);
  if (may_try_again(last)) last = run(deadline, true);
  noops_ = last.reused ? noops_ + 1 : 1;
  if (last.code == CURLE_OK) return {.answers = true, .smtputf8 = offers_smtputf8_};
  return {.fault = judge(last).detail};
}

/// A server without SMTPUTF8 will never take the mail: that is known before it is handed over.
std::optional<delivery_outcome> smtp_session::refuse_beyond_ascii(const std::string& recipient, time_point deadline) {
  const bool is_ascii = std::ranges::all_of(recipient, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  if (is_ascii || settings_.beyond_ascii == config::smtputf8::yes) return std::nullopt;
  if (settings_.beyond_ascii == config::smtputf8::ask) {
    const auto found = answers(deadline);
    if (!found.answers) return delivery_outcome{delivery_outcome::kind::unavailable, found.fault};
    if (offers_smtputf8_.value_or(false)) return std::nullopt;
  }
  return delivery_outcome{delivery_outcome::kind::permanent_failure,
                          "the mail server lacks SMTPUTF8, which an address needs whose local part is beyond ASCII"};
}

void smtp_session::prepare_connection() {
  if (!settings_.username) return;
  handle_.set(CURLOPT_USERNAME, *settings_.username);
  handle_.set(CURLOPT_PASSWORD, settings_.password ? settings_.password->read() : std::string());
}

void smtp_session::prepare_transaction(const std::string& recipient, const std::string& message) {
  recipients_ = curl::append(nullptr, in_brackets(recipient));
  unsent_ = message;
  handle_.unset(CURLOPT_CUSTOMREQUEST);
  handle_.set(CURLOPT_NOBODY, 0);
  handle_.set(CURLOPT_UPLOAD, 1);
  handle_.set_pointer(CURLOPT_MAIL_RCPT, recipients_.get());
  handle_.set_size(CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(message.size()));
  noops_ = 0;
}

void smtp_session::prepare_noop() {
  handle_.unset(CURLOPT_MAIL_RCPT);
  handle_.set(CURLOPT_UPLOAD, 0);
  handle_.set(CURLOPT_NOBODY, 1);
  handle_.set(CURLOPT_CUSTOMREQUEST, std::string("NOOP"));
}

smtp_session::result smtp_session::run(time_point deadline, bool fresh_connection) {
  using std::chrono::milliseconds;
  exchange_ = {};
  leaving_ = false;
  const auto left = std::chrono::duration_cast<milliseconds>(deadline - std::chrono::steady_clock::now());
  if (left <= milliseconds(0)) return {.code = CURLE_OPERATION_TIMEDOUT, .reused = false};
  handle_.set(CURLOPT_TIMEOUT_MS, left.count());
  handle_.set(CURLOPT_FRESH_CONNECT, fresh_connection ? 1 : 0);
  const auto code = handle_.perform();
  // libcurl keeps the connection, on which an answer may come yet that would be taken for that to the next command.
  if (code == CURLE_OPERATION_TIMEDOUT) handle_.cut_connection();
  return {.code = code, .reused = handle_.connections_opened() == 0};
}

/// Servers end idle connections, or those that have had their share, with or without saying so (421): that tells nothing about
/// the mail, of which they have no byte yet.
bool smtp_session::may_try_again(const result& first) const {
  const bool never_met = first.code == CURLE_COULDNT_CONNECT || first.code == CURLE_COULDNT_RESOLVE_HOST;
  if (first.code == CURLE_OK || first.code == CURLE_OPERATION_TIMEDOUT || never_met || !first.reused) return false;
  const bool silent = exchange_.reply.empty() || broke(first.code);
  return exchange_.verb != "DATA" && (silent || exchange_.code() == 421 || exchange_.code() / 100 == 2);
}

delivery_outcome smtp_session::judge(const result& last) const {
  if (last.code == CURLE_OK) return {delivery_outcome::kind::accepted, exchange_.reply};
  auto refused = judge_refusal(exchange_, broke(last.code), foreign_text(handle_.describe(last.code)));
  // What does not concern the mail concerns who runs the servers: they are told which.
  if (refused.what == delivery_outcome::kind::unavailable)
    refused.detail = fmt::format("mail server {}:{}{}: {}", settings_.host, settings_.port,
                                 settings_.username ? fmt::format(", user {}", *settings_.username) : std::string(), refused.detail);
  return refused;
}

int smtp_session::on_trace(CURL*, curl_infotype what, char* text, std::size_t size, void* self) noexcept {
  const auto line = without_line_end({text, size});
  if (what == CURLINFO_HEADER_OUT) static_cast<smtp_session*>(self)->note_command(line);
  if (what == CURLINFO_HEADER_IN) static_cast<smtp_session*>(self)->note_reply(line);
  return 0;
}

/// No more than the verb is kept: what follows AUTH is a password.
void smtp_session::note_command(std::string_view line) {
  const auto verb = line.substr(0, line.find(' '));
  if (std::find(verbs.begin(), verbs.end(), verb) == verbs.end()) return;
  // libcurl says good-bye within the attempt that failed; what the server answers is not of interest.
  leaving_ = verb == "QUIT";
  if (leaving_) return;
  exchange_ = {.verb = std::string(verb), .reply = {}};
  if (verb == "EHLO") offers_smtputf8_ = false;
}

void smtp_session::note_reply(std::string_view line) {
  if (leaving_) return;
  exchange_.reply = foreign_text(line);
  constexpr std::size_t code_length = 4;
  if (exchange_.verb == "EHLO" && line.starts_with("250") && line.size() > code_length && is_smtputf8(line.substr(code_length)))
    offers_smtputf8_ = true;
}

int smtp_session::on_progress(void* abort, curl_off_t, curl_off_t, curl_off_t, curl_off_t) noexcept {
  return static_cast<const std::atomic<bool>*>(abort)->load() ? 1 : 0;
}

std::size_t smtp_session::on_read(char* out, std::size_t size, std::size_t count, void* self) noexcept {
  auto& unsent = static_cast<smtp_session*>(self)->unsent_;
  const auto taken = std::min(size * count, unsent.size());
  std::memcpy(out, unsent.data(), taken);
  unsent.remove_prefix(taken);
  return taken;
}

}  // namespace micro_sayur::notification_service
