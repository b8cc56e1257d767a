#include "tests/adapters/strava/scripted_server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <stdexcept>
#include <utility>

namespace stravasync::test {

namespace {

using ssl_context = std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)>;
using bio = std::unique_ptr<BIO, decltype(&BIO_free)>;

void must(bool condition, const char* what) {
  if (!condition)
    throw std::runtime_error(what);
}

bio bio_of(const std::string& text) {
  return {BIO_new_mem_buf(text.data(), static_cast<int>(text.size())),
          &BIO_free};
}

ssl_context context_of(const tls_identity& identity) {
  auto result = ssl_context{SSL_CTX_new(TLS_server_method()), &SSL_CTX_free};
  auto certificate_text = bio_of(identity.certificate);
  auto key_text = bio_of(identity.key);
  auto* certificate = PEM_read_bio_X509(certificate_text.get(), nullptr,
                                        nullptr, nullptr);
  auto* key = PEM_read_bio_PrivateKey(key_text.get(), nullptr, nullptr,
                                      nullptr);
  must(SSL_CTX_use_certificate(result.get(), certificate) == 1, "certificate");
  must(SSL_CTX_use_PrivateKey(result.get(), key) == 1, "key");
  X509_free(certificate);
  EVP_PKEY_free(key);
  return result;
}

/// @returns the Content-Length in a request's header, or 0.
std::size_t body_size(std::string_view head) {
  constexpr auto name = std::string_view{"Content-Length: "};
  auto at = head.find(name);
  if (at == std::string_view::npos)
    return 0;
  return static_cast<std::size_t>(
    std::strtoul(head.data() + at + name.size(), nullptr, 10));
}

} // namespace

class scripted_server::session final : public peer {
public:
  session(scripted_server& owner, int socket, int number)
    : owner_(owner),
      socket_(socket),
      number_(number) {
  }

  ~session() override {
    end();
  }

  /// @returns whether the connection can be used.
  bool prepare() {
    if (!owner_.tls_)
      return true;
    context_ = context_of(*owner_.tls_);
    tls_.reset(SSL_new(context_.get()));
    SSL_set_fd(tls_.get(), socket_);
    return SSL_accept(tls_.get()) == 1;
  }

  std::optional<std::string> read_request() override {
    auto head_end = std::string::npos;
    while ((head_end = input_.find("\r\n\r\n")) == std::string::npos)
      if (!read_some())
        return std::nullopt;
    auto size = head_end + 4 + body_size(input_.substr(0, head_end));
    while (input_.size() < size)
      if (!read_some())
        return std::nullopt;
    auto result = input_.substr(0, size);
    input_.erase(0, size);
    auto lock = std::unique_lock{owner_.mutex_};
    owner_.requests_.push_back(result);
    owner_.changed_.notify_all();
    return result;
  }

  bool write(std::string_view bytes) override {
    while (!bytes.empty()) {
      auto size = tls_
                    ? SSL_write(tls_.get(), bytes.data(),
                                static_cast<int>(bytes.size()))
                    : ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (size <= 0)
        return false;
      bytes.remove_prefix(static_cast<std::size_t>(size));
    }
    return true;
  }

  void reset() override {
    auto at_once = linger{1, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    end();
  }

  void await_close() override {
    while (read_some())
      input_.clear();
  }

  [[nodiscard]] std::string server_name() const override {
    const auto* name = tls_ ? SSL_get_servername(tls_.get(),
                                                 TLSEXT_NAMETYPE_host_name)
                            : nullptr;
    return name == nullptr ? std::string{} : std::string{name};
  }

  [[nodiscard]] int number() const override {
    return number_;
  }

  /// Wakes the script's thread out of a read.
  void interrupt() {
    auto lock = std::unique_lock{socket_mutex_};
    if (socket_ >= 0)
      ::shutdown(socket_, SHUT_RDWR);
  }

  void end() {
    auto lock = std::unique_lock{socket_mutex_};
    if (socket_ >= 0)
      ::close(std::exchange(socket_, -1));
  }

private:
  bool read_some() {
    char buffer[4096];
    auto size = tls_ ? SSL_read(tls_.get(), buffer, sizeof buffer)
                     : ::recv(socket_, buffer, sizeof buffer, 0);
    if (size <= 0)
      return false;
    input_.append(buffer, static_cast<std::size_t>(size));
    return true;
  }

  scripted_server& owner_;
  std::mutex socket_mutex_;
  int socket_;
  int number_;
  ssl_context context_{nullptr, &SSL_CTX_free};
  std::unique_ptr<SSL, decltype(&SSL_free)> tls_{nullptr, &SSL_free};
  std::string input_;
};

scripted_server::scripted_server(script run, std::optional<tls_identity> tls)
  : script_(std::move(run)),
    tls_(std::move(tls)) {
  listener_ = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  must(::bind(listener_, generic, size) == 0, "bind");
  must(::listen(listener_, 64) == 0, "listen");
  must(::getsockname(listener_, generic, &size) == 0, "getsockname");
  port_ = ntohs(address.sin_port);
  threads_.emplace_back([this] { accept_all(); });
}

scripted_server::~scripted_server() {
  {
    auto lock = std::unique_lock{mutex_};
    stopping_ = true;
  }
  ::shutdown(listener_, SHUT_RDWR);
  threads_.front().join(); // After it no thread is added.
  for (auto& line : sessions_)
    line->interrupt();
  for (auto i = std::size_t{1}; i < threads_.size(); ++i)
    threads_[i].join();
  ::close(listener_);
}

std::string scripted_server::address() const {
  return "127.0.0.1:" + std::to_string(port_);
}

unsigned short scripted_server::port() const {
  return port_;
}

int scripted_server::connections() const {
  auto lock = std::unique_lock{mutex_};
  return static_cast<int>(sessions_.size());
}

std::vector<std::string> scripted_server::requests() const {
  auto lock = std::unique_lock{mutex_};
  return requests_;
}

bool scripted_server::await_requests(std::size_t count) {
  auto lock = std::unique_lock{mutex_};
  return changed_.wait_for(lock, std::chrono::seconds{10},
                           [&] { return requests_.size() >= count; });
}

void scripted_server::accept_all() {
  // OpenSSL writes without MSG_NOSIGNAL. The scripts' threads inherit this.
  sigset_t broken_pipe;
  sigemptyset(&broken_pipe);
  sigaddset(&broken_pipe, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &broken_pipe, nullptr);
  while (true) {
    auto socket = ::accept(listener_, nullptr, nullptr);
    if (socket < 0)
      return;
    auto lock = std::unique_lock{mutex_};
    if (stopping_) {
      ::close(socket);
      return;
    }
    auto line = std::make_shared<session>(
      *this, socket, static_cast<int>(sessions_.size()) + 1);
    sessions_.push_back(line);
    threads_.emplace_back([this, line] {
      if (line->prepare())
        script_(*line);
      line->end();
    });
  }
}

std::string
http_answer(int status, std::string_view body, std::string_view extra_headers) {
  return "HTTP/1.1 " + std::to_string(status) + " Some Reason\r\n"
         + std::string{extra_headers}
         + "Content-Type: application/json; charset=utf-8\r\nContent-Length: "
         + std::to_string(body.size()) + "\r\n\r\n" + std::string{body};
}

scripted_server::script always(std::string answer) {
  return [answer = std::move(answer)](peer& client) {
    while (client.read_request())
      client.write(answer);
  };
}

} // namespace stravasync::test
