#pragma once

#include "adapters/http/answers.hpp"
#include "adapters/http/io_loop.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

namespace stravasync::http {

class session;

/// The right to answer one request of one session.
class ticket final : public responder {
public:
  ticket(std::shared_ptr<io_loop> loop, std::weak_ptr<session> client,
         std::uint64_t number);
  ticket(const ticket&) = delete;
  ticket& operator=(const ticket&) = delete;
  ~ticket() override; // NOLINT(bugprone-exception-escape): no memory.

  void send(response what) override;
  std::shared_ptr<event_stream> open_stream() override;
  void abort(std::string garbage) override;

private:
  void deliver(answer what);

  const std::shared_ptr<io_loop> loop_;
  const std::weak_ptr<session> client_;
  const std::uint64_t number_;
  std::atomic<bool> used_{false};
};

} // namespace stravasync::http
