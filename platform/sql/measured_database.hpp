// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "platform/sql/database.hpp"
#include "platform/telemetry/metrics.hpp"

#include <cstddef>
#include <unordered_map>
#include <vector>

namespace micro_sayur::sql {

/// Measures the calls on another database, whichever the driver: sayur_database_call_seconds{statement}, which has the wait for a
/// connection in it, sayur_database_failures_total{reason}, and a span where the caller works for one. A batch goes by the name of its
/// first statement, scripts of migrations are not measured. What is given by reference must outlive it.
class measured_database final : public database {
 public:
  /// `cores`: of the runtime, each of which looks its histograms up without a lock.
  measured_database(database& inner, telemetry::metrics& to, std::size_t cores);

  async::task<result> query(call what) override;
  async::task<std::vector<result>> execute(std::vector<call> calls) override;
  async::task<std::unique_ptr<transaction>> begin() override;
  std::chrono::milliseconds call_timeout() const override { return inner_.call_timeout(); }
  std::string_view system() const override { return inner_.system(); }
  pool_state state() const override { return inner_.state(); }
  std::vector<replica_state> replicas() const override { return inner_.replicas(); }
  async::task<> close() override { return inner_.close(); }

 private:
  class measured_transaction;

  template <typename T>
  async::task<T> measure(const statement& what, async::task<T> work);
  telemetry::latency& latency_of(const statement& what);

  database& inner_;
  telemetry::metrics& metrics_;
  std::vector<std::unordered_map<const statement*, telemetry::latency*>> latencies_;  ///< by core
  std::unordered_map<std::string_view, prometheus::Counter*> failures_;               ///< by reason; immutable
};

}  // namespace micro_sayur::sql
