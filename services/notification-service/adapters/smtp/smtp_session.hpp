// SPDX-License-Identifier: Apache-2.0
// One connection to the mail server, opened when it is needed and used for one mail after another.
#pragma once

#include "notification-service/adapters/smtp/smtp_mail_sender.hpp"
#include "notification-service/adapters/smtp/smtp_reply.hpp"
#include "platform/curl/easy_handle.hpp"

#include <atomic>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace micro_sayur::notification_service {

/// Blocking; used by one thread at a time.
class smtp_session {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  /// `abort` ends what is under way within about a second once it is true. Both outlive this. Throws curl::setup_error.
  smtp_session(const smtp_settings& settings, const std::atomic<bool>& abort);

  /// Hands the message over, until `deadline` at the latest. Throws curl::setup_error.
  delivery_outcome send(const std::string& recipient, const std::string& message, time_point deadline);

  /// Whether the server greets, takes the login and answers. Throws curl::setup_error.
  reachability answers(time_point deadline);

 private:
  struct result {
    CURLcode code;
    bool reused;  ///< the connection of an earlier transfer
  };

  void prepare_connection();
  void prepare_transaction(const std::string& recipient, const std::string& message);
  void prepare_noop();
  result run(time_point deadline, bool fresh_connection);
  bool may_try_again(const result& first) const;
  delivery_outcome judge(const result& last) const;

  std::optional<delivery_outcome> refuse_beyond_ascii(const std::string& recipient, time_point deadline);

  void note_command(std::string_view line);
  void note_reply(std::string_view line);
  static int on_trace(CURL* handle, curl_infotype what, char* text, std::size_t size, void* self) noexcept;
  static int on_progress(void* abort, curl_off_t, curl_off_t, curl_off_t, curl_off_t) noexcept;
  static std::size_t on_read(char* out, std::size_t size, std::size_t count, void* self) noexcept;

  const smtp_settings& settings_;
  curl::easy_handle handle_;
  curl::string_list recipients_;
  smtp_exchange exchange_;
  bool leaving_ = false;
  std::optional<bool> offers_smtputf8_;  ///< in the latest answer to EHLO
  std::string_view unsent_;
  unsigned noops_ = 0;
};

}  // namespace micro_sayur::notification_service
