// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/asio/write.hpp>

#include <atomic>
#include <deque>
#include <istream>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace micro_sayur::notification_service::test {

/// A mail server on loopback that answers as it is told, one connection at a time.
class smtp_server {
 public:
  smtp_server() : acceptor_(context_, {boost::asio::ip::address_v4::loopback(), 0}), thread_([this] { serve(); }) {}
  ~smtp_server() {
    stopping_ = true;
    hang_up();
    boost::asio::ip::tcp::socket wake(context_);
    boost::system::error_code ignored;
    wake.connect({boost::asio::ip::address_v4::loopback(), port()}, ignored);
    thread_.join();
  }
  smtp_server(const smtp_server&) = delete;
  smtp_server& operator=(const smtp_server&) = delete;

  std::uint16_t port() const { return port_; }

  /// The next answers to `verb` instead of the usual one; "." is the end of a mail, "" hangs up.
  void answer(const std::string& verb, std::string reply) {
    const std::lock_guard lock(mutex_);
    replies_[verb].push_back(std::move(reply));
  }

  /// Ends the connection from this side.
  void hang_up() {
    const std::lock_guard lock(mutex_);
    boost::system::error_code ignored;
    if (current_ != nullptr) current_->shutdown(boost::asio::ip::tcp::socket::shutdown_both, ignored);
  }

  std::vector<std::string> lines() const {
    const std::lock_guard lock(mutex_);
    return lines_;
  }
  int connections() const { return connections_; }

 private:
  void serve() {
    while (true) {
      boost::asio::ip::tcp::socket socket(context_);
      acceptor_.accept(socket);
      if (stopping_) return;
      ++connections_;
      set_current(&socket);
      try {
        talk(socket);
      } catch (const boost::system::system_error&) {
        // The client is gone, or we are: both are what a test wants.
      }
      set_current(nullptr);
    }
  }

  void set_current(boost::asio::ip::tcp::socket* socket) {
    const std::lock_guard lock(mutex_);
    current_ = socket;
  }

  void talk(boost::asio::ip::tcp::socket& socket) {
    boost::asio::streambuf buffer;
    if (!say(socket, "greeting", "220 ready")) return;
    while (true) {
      const auto line = read_line(socket, buffer);
      const auto verb = line.substr(0, line.find(' '));
      const std::string usual = verb == "EHLO" ? extensions : verb == "DATA" ? "354 go on" : verb == "QUIT" ? "221 bye" : "250 OK";
      if (!say(socket, verb, usual)) return;
      if (verb != "DATA" || last_reply_[0] != '3') continue;
      while (read_line(socket, buffer) != ".") continue;
      if (!say(socket, ".", "250 taken")) return;
    }
  }

  std::string read_line(boost::asio::ip::tcp::socket& socket, boost::asio::streambuf& buffer) {
    boost::asio::read_until(socket, buffer, "\r\n");
    std::istream in(&buffer);
    std::string line;
    std::getline(in, line);
    line.pop_back();
    const std::lock_guard lock(mutex_);
    lines_.push_back(line);
    return line;
  }

  bool say(boost::asio::ip::tcp::socket& socket, const std::string& to, const std::string& usual) {
    last_reply_ = usual;
    {
      const std::lock_guard lock(mutex_);
      auto& told = replies_[to];
      if (!told.empty()) {
        last_reply_ = told.front();
        told.pop_front();
      }
    }
    if (last_reply_.empty()) return false;
    boost::asio::write(socket, boost::asio::buffer(last_reply_ + "\r\n"));
    return true;
  }

 public:
  std::string extensions = "250-server\r\n250-AUTH PLAIN\r\n250 SMTPUTF8";

 private:
  boost::asio::io_context context_;
  boost::asio::ip::tcp::acceptor acceptor_;
  const std::uint16_t port_ = acceptor_.local_endpoint().port();
  mutable std::mutex mutex_;
  std::map<std::string, std::deque<std::string>> replies_;
  std::vector<std::string> lines_;
  std::string last_reply_;
  boost::asio::ip::tcp::socket* current_ = nullptr;
  std::atomic<bool> stopping_ = false;
  std::atomic<int> connections_ = 0;
  std::thread thread_;
};

}  // namespace micro_sayur::notification_service::test
