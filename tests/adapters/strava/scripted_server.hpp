#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

/// @file
/// A server that does what a test says, byte by byte, wrong things included.

namespace stravasync::test {

/// PEM texts.
struct tls_identity {
  std::string certificate;
  std::string key;
};

/// One accepted connection, in the hands of the script.
class peer {
public:
  virtual ~peer() = default;

  /// Reads a request's header and the body it announces.
  /// @returns nothing once the client has closed.
  virtual std::optional<std::string> read_request() = 0;

  /// @returns whether the client is still there.
  virtual bool write(std::string_view bytes) = 0;

  /// Closes with a reset instead of an orderly end.
  virtual void reset() = 0;

  /// Blocks until the client closes.
  virtual void await_close() = 0;

  /// Name that the client asked for in its TLS hello; empty: none.
  [[nodiscard]] virtual std::string server_name() const = 0;

  /// Counts the server's connections from 1.
  [[nodiscard]] virtual int number() const = 0;
};

/// Runs `script` on a thread of its own for every connection; when it returns,
/// the connection is closed.
class scripted_server {
public:
  using script = std::function<void(peer&)>;

  explicit scripted_server(script run,
                           std::optional<tls_identity> tls = std::nullopt);
  scripted_server(const scripted_server&) = delete;
  scripted_server& operator=(const scripted_server&) = delete;
  ~scripted_server();

  [[nodiscard]] std::string address() const; // "127.0.0.1:port"
  [[nodiscard]] unsigned short port() const;

  /// Connections accepted so far.
  [[nodiscard]] int connections() const;

  /// Every request read so far.
  [[nodiscard]] std::vector<std::string> requests() const;

  /// @returns whether so many requests were read within ten seconds.
  [[nodiscard]] bool await_requests(std::size_t count);

private:
  class session;

  void accept_all();

  script script_;
  std::optional<tls_identity> tls_;
  int listener_ = -1;
  unsigned short port_ = 0;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> requests_;
  std::vector<std::shared_ptr<session>> sessions_;
  std::vector<std::thread> threads_;
  bool stopping_ = false;
};

/// @returns a whole HTTP response with a Content-Length.
[[nodiscard]] std::string http_answer(int status, std::string_view body,
                                      std::string_view extra_headers = {});

/// Answers every request of every connection with `answer`.
[[nodiscard]] scripted_server::script always(std::string answer);

} // namespace stravasync::test
