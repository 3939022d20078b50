// SPDX-License-Identifier: Apache-2.0
// Sends what is due: straight after it was stored when a place is free, otherwise when the store says that its time has come.
#pragma once

#include "notification-service/domain/mail_recipients.hpp"
#include "notification-service/ports/delivery_observer.hpp"
#include "notification-service/ports/event_intake.hpp"
#include "notification-service/ports/mail_renderer.hpp"
#include "notification-service/ports/mail_sender.hpp"
#include "notification-service/ports/notification_store.hpp"
#include "platform/async/task_group.hpp"
#include "platform/base/system.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <unordered_set>

namespace micro_sayur::notification_service {

struct delivery_settings {
  std::size_t places = 8;                          ///< mails on their way at once
  std::chrono::milliseconds lease{20'000};         ///< longer than the sender's deadline; after a crash a mail waits this long
  std::chrono::milliseconds poll{1'000};           ///< how often it looks for what has become due
  std::chrono::milliseconds longest_probe{5'000};  ///< between two looks for a mail server that is away
  std::chrono::milliseconds longest_wait_while_stopping{10'000};  ///< for a store that is to take an outcome
  /// For a look at the server after a mail's connection broke: with the sender's deadline it stays within the lease.
  std::chrono::milliseconds short_patience{3'000};
  /// For a look for a server that is away: as long as one that is slow takes to greet.
  std::chrono::milliseconds long_patience{12'000};
  mail_recipients recipients = {};  ///< what is for others, and was not released, is withheld
};

/// Used on `where` only, but for `wake`. While the mail server is away nothing is attempted, and the intake is paused.
class deliver_notifications {
 public:
  /// What is given by reference must outlive this.
  deliver_notifications(async::executor where, notification_store& store, mail_sender& sender, const mail_renderer& renderer,
                        event_intake& intake, delivery_observer& observer, const clock_source& clock, random_source& random,
                        delivery_settings settings);
  ~deliver_notifications();

  /// The right to have one mail on its way; given back on destruction. Must not outlive its giver.
  class place;

  void start();

  /// Waits at most until `deadline` for a place; null when there is none or no mail server.
  async::task<std::unique_ptr<place>> take_place(std::chrono::steady_clock::time_point deadline);

  /// Sends what was stored as `sending`.
  void deliver(notification what, std::unique_ptr<place> at);

  /// Something has become due. Thread-safe.
  void wake();

  std::chrono::milliseconds lease() const { return settings_.lease; }
  bool mail_server_lost() const { return lost_; }

  /// Claims nothing further and waits for the mails that are on their way; while the store is away, longest_wait_while_stopping
  /// at most for it to take their outcomes.
  async::task<> stop();

 private:
  async::task<> claim_forever();
  async::task<bool> claim_for_free_places();
  async::task<> attempt(notification what, std::unique_ptr<place> at);
  async::task<delivery_outcome> send(const notification& what);
  bool may_go_out(const notification& what) const;
  async::task<> find_fault(delivery_outcome& outcome);
  async::task<> record(attempt_result result);
  void lose_mail_server(std::string_view reason);
  async::task<> look_for_mail_server();
  double jitter();

  struct wake_state;

  const async::executor where_;
  notification_store& store_;
  mail_sender& sender_;
  const mail_renderer& renderer_;
  event_intake& intake_;
  delivery_observer& observer_;
  const clock_source& clock_;
  random_source& random_;
  const delivery_settings settings_;
  std::shared_ptr<wake_state> wake_;
  async::event place_free_;
  async::task_group claims_;
  async::task_group deliveries_;
  async::task_group probes_;
  std::size_t free_places_;
  std::unordered_set<uuid> on_their_way_;
  bool more_is_due_ = true;
  bool lost_ = false;
  bool stopping_ = false;
};

class deliver_notifications::place {
 public:
  explicit place(deliver_notifications& giver) : giver_(giver) { --giver_.free_places_; }
  ~place();
  place(const place&) = delete;
  place& operator=(const place&) = delete;

 private:
  deliver_notifications& giver_;
};

}  // namespace micro_sayur::notification_service
