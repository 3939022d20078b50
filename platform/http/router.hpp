// SPDX-License-Identifier: Apache-2.0
// The table of routes: what the server answers to, and what the API document says about it.
#pragma once

#include "platform/async/task.hpp"
#include "platform/http/message.hpp"
#include "platform/json/schema.hpp"

#include <boost/json/object.hpp>

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace micro_sayur::http {

/// Runs on the io thread of the connection and must not block it. What it throws becomes a problem (see dispatcher.hpp).
using handler = std::function<async::task<response>(request&)>;

/// Makes the schema of a body, adding named schemas to the set.
using schema_maker = std::function<boost::json::object(json::schema_set&)>;

/// The schema of a described struct: closed for requests, complete for answers.
template <typename T>
schema_maker request_body() {
  return [](json::schema_set& set) { return set.add<T>({.field = ""}, true); };
}
template <typename T>
schema_maker response_body() {
  return [](json::schema_set& set) { return set.add<T>(); };
}

struct parameter {
  std::string_view name;
  std::string_view in;  ///< query, header or path
  std::string_view description;
  boost::json::object schema = {{"type", "string"}};
  bool required = false;
};

struct answer {
  unsigned status;
  std::string_view description;
  schema_maker schema = {};
  std::string_view content_type = "application/json";
};

/// What OpenAPI says of a route. Problems that any route can answer with are added by the document's maker.
struct operation {
  std::string_view id;
  std::string_view summary;
  std::string_view tag;
  bool bearer = false;
  std::vector<parameter> parameters = {};
  schema_maker body = {};
  std::vector<std::string_view> body_types = {"application/json"};
  std::vector<answer> answers = {};
  std::vector<problem_type> problems = {};
};

inline constexpr std::size_t default_body_limit = 64U << 10;

struct route {
  method verb;
  std::string_view path;  ///< "/api/v1/notifications/{id}"; static storage
  handler handle;
  operation document = {};
  std::size_t body_limit = default_body_limit;
  bool any_query = false;  ///< under /api/: take parameters that the document does not have, as RFC 6749 section 3.1 wants
};

/// Immutable once built; thread-safe then.
class router {
 public:
  /// Throws std::logic_error when two routes take the same method and path.
  void add(std::vector<route> routes);

  struct match {
    const route* found = nullptr;  ///< null: see `allow`
    std::string allow;             ///< methods that the path takes; "" when the path is unknown
    std::vector<std::string> parameters;
  };

  match find(method verb, std::string_view path) const;
  /// The methods of a path as an Allow header ("" when unknown), HEAD and OPTIONS included.
  std::string allowed(std::string_view path) const;

  const std::vector<route>& routes() const { return routes_; }

 private:
  std::vector<route> routes_;
};

}  // namespace micro_sayur::http
