#pragma once

#include "adapters/http/server.hpp"
#include "messages/error.hpp"
#include "tests/support/http_client.hpp"

#include <catch2/catch_test_macros.hpp>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace stravasync::http {

/// Counts what is logged.
class counting_log final : public log {
public:
  void write(log_level, std::string_view,
             std::initializer_list<log_field>) override {
    ++lines;
  }

  std::atomic<int> lines{0};
};

/// A server on a free port of this machine.
class test_server {
public:
  explicit test_server(handler on_request, server_options options = {}) {
    if (options.listen.empty())
      options.listen = {"127.0.0.1:0"};
    auto started = start_server(std::move(options), std::move(on_request),
                                logger);
    REQUIRE(started);
    running_ = std::move(*started);
  }

  [[nodiscard]] std::string address() const {
    return running_->addresses().front();
  }

  [[nodiscard]] server& operator*() {
    return *running_;
  }

  server* operator->() {
    return running_.get();
  }

  counting_log logger;

private:
  std::unique_ptr<server> running_;
};

/// Sends raw bytes on a connection of its own. @returns the last answer before
/// the server closes; status 0 if there is none.
inline test::http_reply
send_raw(const std::string& address, std::string_view bytes) {
  test::connection client{address};
  client.try_write(bytes, std::chrono::seconds{2});
  std::string rest = client.read_all();
  if (rest.empty())
    return {};
  test::connection unused{address};
  return test::read_reply(unused, rest);
}

/// Answers with what it was asked: "GET /path body".
inline void echo(request what, const std::shared_ptr<responder>& reply) {
  reply->send({.content_type = "text/plain",
               .body = what.method + " " + what.path + " " + what.body});
}

} // namespace stravasync::http
