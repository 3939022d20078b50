// SPDX-License-Identifier: Apache-2.0
#include "platform/program/process.hpp"

#include "platform/http/server.hpp"

#include <unistd.h>
#include <boost/asio/signal_set.hpp>

#include <csignal>

namespace micro_sayur::program {
namespace {

telemetry::level parse_level(std::string_view text) {
  for (const auto each : {telemetry::level::debug, telemetry::level::info, telemetry::level::warning, telemetry::level::error})
    if (telemetry::to_string(each) == text) return each;
  return telemetry::level::info;
}

}  // namespace

process_settings read_process_settings(config::reader& from) {
  process_settings out;
  out.log_level =
      parse_level(from.one_of("LOG_LEVEL", "the least severe lines that are logged", {"debug", "info", "warning", "error"}, "info"));
  out.io_threads = static_cast<std::size_t>(from.integer("IO_THREADS", "io threads; 0 is one per core", 0, {.minimum = 0, .maximum = 256}));
  return out;
}

process::process(const std::string& name, const process_settings& settings)
    : limits(read_machine_limits()),
      writer(STDOUT_FILENO),
      log_level(settings.log_level),
      log(writer, clock, name, settings.log_level),
      cores(settings.io_threads > 0 ? settings.io_threads : limits.cores) {
  http::raise_file_limit();
  std::signal(SIGPIPE, SIG_IGN);
  async::set_background_failure_handler([this](std::string_view what_ran, std::string_view error) {
    log.error("background work failed", {{"task.name", what_ran}, {"error.message", error}});
  });
}

process::~process() {
  async::set_background_failure_handler([](std::string_view, std::string_view) {});
}

struct stop_signal::implementation {
  explicit implementation(async::runtime& cores) : signals(cores.core(0), SIGTERM, SIGINT) {}
  boost::asio::basic_signal_set<async::executor> signals;
};

stop_signal::stop_signal(async::runtime& cores) : impl_(std::make_unique<implementation>(cores)) {}
stop_signal::~stop_signal() = default;

async::task<> stop_signal::wait() { co_await impl_->signals.async_wait(async::use_task); }

}  // namespace micro_sayur::program
