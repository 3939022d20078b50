// SPDX-License-Identifier: Apache-2.0
#include "notification-service/adapters/smtp/smtp_mail_sender.hpp"

#include "notification-service/adapters/mime/mime.hpp"
#include "notification-service/adapters/smtp/smtp_session.hpp"
#include "notification-service/domain/ascii_address.hpp"
#include "platform/async/offload_pool.hpp"

#include <atomic>
#include <mutex>
#include <vector>

namespace micro_sayur::notification_service {
namespace {

using time_point = smtp_session::time_point;

constexpr std::size_t most_waiting = 64;

/// Sessions that no thread uses now, the one used last on top: its connection is the likeliest to be alive. As many sessions come
/// into being as threads ever work at once.
class idle_sessions {
 public:
  idle_sessions(const smtp_settings& settings, const std::atomic<bool>& abort) : settings_(settings), abort_(abort) {}

  std::unique_ptr<smtp_session> take() {
    {
      const std::lock_guard lock(mutex_);
      if (!idle_.empty()) {
        auto taken = std::move(idle_.back());
        idle_.pop_back();
        return taken;
      }
    }
    return std::make_unique<smtp_session>(settings_, abort_);
  }

  void give_back(std::unique_ptr<smtp_session> used) {
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(used));
  }

 private:
  const smtp_settings& settings_;
  const std::atomic<bool>& abort_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<smtp_session>> idle_;
};

/// Runs `use` on a session of its own for as long as it takes. One that throws is not given back.
template <typename Use>
auto with_session(idle_sessions& among, Use use) {
  auto session = among.take();
  auto outcome = use(*session);
  among.give_back(std::move(session));
  return outcome;
}

class smtp_mail_sender final : public mail_sender {
 public:
  explicit smtp_mail_sender(smtp_settings settings)
      : settings_(std::move(settings)), sessions_(settings_, stopping_), threads_(settings_.connections, most_waiting) {
    sessions_.give_back(sessions_.take());  // tells at once when libcurl cannot do it
  }
  ~smtp_mail_sender() override { stopping_ = true; }

  async::task<delivery_outcome> send(mail what) override {
    const auto deadline = std::chrono::steady_clock::now() + settings_.deadline;
    auto work = [this, deadline, what = std::move(what)] {
      const auto message = make_message(what, settings_.from);
      const auto recipient = with_ascii_domain(what.to.address);
      return with_session(sessions_, [&](smtp_session& session) { return session.send(recipient, message, deadline); });
    };
    try {
      co_return co_await threads_.run(std::move(work));
    } catch (const async::overloaded& fault) {
      co_return delivery_outcome{delivery_outcome::kind::unavailable, fault.what()};
    } catch (const curl::setup_error& fault) {
      co_return delivery_outcome{delivery_outcome::kind::unavailable, fault.what()};
    }
  }

  async::task<reachability> reachable(std::chrono::milliseconds patience) override {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    try {
      co_return co_await threads_.run(
          [this, deadline] { return with_session(sessions_, [&](smtp_session& session) { return session.answers(deadline); }); });
    } catch (const async::overloaded& fault) {
      co_return reachability{.fault = fault.what()};
    } catch (const curl::setup_error& fault) {
      co_return reachability{.fault = fault.what()};
    }
  }

 private:
  const smtp_settings settings_;
  std::atomic<bool> stopping_ = false;
  idle_sessions sessions_;
  async::offload_pool threads_;  // last: its threads use what stands above
};

}  // namespace

std::unique_ptr<mail_sender> make_smtp_mail_sender(smtp_settings settings) {
  return std::make_unique<smtp_mail_sender>(std::move(settings));
}

}  // namespace micro_sayur::notification_service
