// SPDX-License-Identifier: Apache-2.0
#include "platform/async/task_group.hpp"

#include "platform/async/runtime.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>

namespace micro_sayur::async {

namespace asio = boost::asio;

task_group::task_group(executor where) : where_(where.without_context()), state_(std::make_shared<state>(where)) {}

void task_group::spawn(std::string_view name, std::function<task<>()> body) {
  const auto signal = state_->signals.emplace(state_->signals.end());
  asio::co_spawn(where_, std::move(body),
                 asio::bind_cancellation_slot(signal->slot(), [held = state_, signal, name](std::exception_ptr error) {
                   report_background_failure(name, error);
                   held->signals.erase(signal);
                   held->ended.set();
                 }));
}

void task_group::cancel() {
  // A member that ends while it is being cancelled erases its signal: step on before emitting.
  for (auto signal = state_->signals.begin(); signal != state_->signals.end();) (signal++)->emit(asio::cancellation_type::terminal);
}

task<> task_group::join() {
  while (!state_->signals.empty()) {
    state_->ended.reset();
    co_await state_->ended.wait();
  }
}

}  // namespace micro_sayur::async
