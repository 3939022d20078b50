// SPDX-License-Identifier: Apache-2.0
#include "platform/http/request_head.hpp"

#include "platform/http/field_list.hpp"
#include "platform/http/request_line.hpp"

#include <boost/beast/core/string.hpp>

#include <algorithm>
#include <cctype>

namespace micro_sayur::http {

namespace beast = boost::beast;

void take_head(request& into, const parsed_message& from) {
  if (const auto verb = known_method(from.method())) into.verb = *verb;
  const auto target = origin_form({from.target().data(), from.target().size()});
  const auto mark = target.find('?');
  into.path = target.substr(0, mark);
  if (mark != std::string_view::npos) into.query = target.substr(mark + 1);
  into.headers.reserve(8);
  for (const auto& each : from) {
    std::string name(each.name_string());
    std::transform(name.begin(), name.end(), name.begin(),
                   [](char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); });
    into.headers.emplace_back(std::move(name), std::string(each.value()));
  }
}

std::optional<problem> fault_of_head(const parsed_message& from, const request& taken) {
  if (const auto codings = taken.header_list("transfer-encoding")) {
    const auto named = elements_of(*codings);
    if (std::any_of(named.begin(), named.end(), [](auto coding) { return !beast::iequals(coding, "chunked"); }))
      return problem{.type = problems::not_implemented, .detail = "The only transfer coding that is understood is chunked."};
    if (named.size() != 1) return problem{.type = problems::bad_request, .detail = "Name the transfer coding chunked once."};
  }
  const auto hosts = from.count(beast::http::field::host);
  if (hosts > 1 || (hosts == 0 && from.version() >= 11)) return problem{.type = problems::bad_request, .detail = "Send one Host header."};
  return std::nullopt;
}

bool is_request_id(std::string_view text) {
  return !text.empty() && text.size() <= 128 && std::all_of(text.begin(), text.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || std::string_view("._-:").contains(c);
  });
}

}  // namespace micro_sayur::http
