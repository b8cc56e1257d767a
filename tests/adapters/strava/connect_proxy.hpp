#pragma once

#include <atomic>
#include <string>
#include <thread>

namespace stravasync::test {

/// An HTTP proxy that opens a tunnel for one client after the other, always to
/// the same server of this machine, whatever name is asked for.
class connect_proxy {
public:
  /// @param to The server's port on 127.0.0.1.
  explicit connect_proxy(unsigned short to);
  connect_proxy(const connect_proxy&) = delete;
  connect_proxy& operator=(const connect_proxy&) = delete;
  ~connect_proxy();

  [[nodiscard]] std::string url() const;

  /// The header of the last request; call it when nothing is under way.
  [[nodiscard]] const std::string& asked() const {
    return asked_;
  }

private:
  void serve(int client);

  unsigned short to_;
  int listener_ = -1;
  unsigned short port_ = 0;
  std::atomic<bool> stopping_{false};
  std::string asked_;
  std::thread thread_;
};

} // namespace stravasync::test
