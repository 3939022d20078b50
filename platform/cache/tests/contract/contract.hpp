// SPDX-License-Identifier: Apache-2.0
// What every contract test of the stores stands on.
#pragma once

#include "platform/async/runtime.hpp"
#include "platform/async/task_group.hpp"
#include "platform/cache/cache.hpp"

#include <gtest/gtest.h>
#include <boost/asio/this_coro.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <string>

namespace micro_sayur::cache::contract {

using namespace std::chrono_literals;
namespace this_coro = boost::asio::this_coro;

struct options {
  std::string password = {};  ///< empty: the right one
  std::chrono::milliseconds call_timeout{5000};
};

/// The variable, which the test runner sets. Throws with the command to run when it is absent.
std::string server_variable(const char* name);

/// Runs `$TEST_SERVER_CONTROL action redis`.
void control_redis(const std::string& action);

/// `kind` is redis or in_process.
std::unique_ptr<store> open(const std::string& kind, async::runtime& cores, const options& with = {});

/// Opens, runs the body and closes.
void on_store(const std::string& kind, const options& with, std::function<async::task<>(store&)> body);

/// Waits until the store answers, or fails.
async::task<> until_answering(store& on);

/// A key that no other test uses.
std::string fresh_key();

/// The message of the `unavailable` that `work` ends with; any other end fails the test.
template <typename T>
async::task<std::string> failure_of(async::task<T> work) {
  try {
    co_await std::move(work);
    ADD_FAILURE() << "no exception";
  } catch (const unavailable& failure) {
    co_return failure.what();
  }
  co_return "";
}

}  // namespace micro_sayur::cache::contract
