// SPDX-License-Identifier: Apache-2.0
#include "platform/curl/easy_handle.hpp"

#include <fmt/format.h>

#include <sys/socket.h>

namespace micro_sayur::curl {
namespace {

void start_libcurl() {
  static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (started != CURLE_OK) throw setup_error("libcurl cannot start");
}

}  // namespace

string_list append(string_list list, const std::string& text) {
  // The head stays the same unless the list was empty.
  curl_slist* const longer = curl_slist_append(list.get(), text.c_str());
  if (longer == nullptr) throw setup_error("libcurl is out of memory");
  if (!list) list.reset(longer);
  return list;
}

easy_handle::easy_handle() {
  start_libcurl();
  handle_.reset(curl_easy_init());
  if (!handle_) throw setup_error("libcurl makes no handle");
  error_ = std::make_unique<char[]>(CURL_ERROR_SIZE);
  set_pointer(CURLOPT_ERRORBUFFER, error_.get());
  set(CURLOPT_NOSIGNAL, 1);
}

CURLcode easy_handle::perform() {
  error_[0] = '\0';
  return curl_easy_perform(handle_.get());
}

void easy_handle::cut_connection() {
  curl_socket_t socket = CURL_SOCKET_BAD;
  curl_easy_getinfo(handle_.get(), CURLINFO_ACTIVESOCKET, &socket);
  if (socket != CURL_SOCKET_BAD) ::shutdown(socket, SHUT_RDWR);
}

std::string easy_handle::describe(CURLcode failure) const { return error_[0] != '\0' ? error_.get() : curl_easy_strerror(failure); }

void easy_handle::check(CURLoption option, CURLcode result) {
  if (result != CURLE_OK) throw setup_error(fmt::format("libcurl option {}: {}", static_cast<int>(option), curl_easy_strerror(result)));
}

long easy_handle::number(CURLINFO what) const {
  long found = 0;
  curl_easy_getinfo(handle_.get(), what, &found);
  return found;
}

}  // namespace micro_sayur::curl
