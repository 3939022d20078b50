// SPDX-License-Identifier: Apache-2.0
#include "platform/program/session_positions.hpp"

namespace micro_sayur::program {

async::task<> session_positions::note(uuid session) {
  if (!has_replicas_) co_return;
  if (!co_await try_to_note(session)) uncertain_until_ = clock_.steady_now() + lifetime;
}

async::task<bool> session_positions::try_to_note(uuid session) {
  try {
    const auto answers = co_await on_.execute({sql::ask_log_position});
    const auto position = sql::read_log_position(answers.back());
    if (position) co_await shared_.set(key_of(session), position->to_text(), lifetime);
    co_return position.has_value();
  } catch (const sql::error&) {
    // what was written stays so
  } catch (const cache::unavailable&) {
    // likewise
  }
  co_return false;
}

async::task<consistency> session_positions::consistency_for(uuid session) {
  if (!has_replicas_ || clock_.steady_now() < uncertain_until_.load()) co_return consistency::strong();
  try {
    const auto text = co_await shared_.get(key_of(session));
    if (!text) co_return consistency::bounded_staleness();
    if (const auto position = log_position::parse(*text)) co_return consistency::at_least(*position);
  } catch (const cache::unavailable&) {
    // what the session wrote is not known then
  }
  co_return consistency::strong();
}

}  // namespace micro_sayur::program
