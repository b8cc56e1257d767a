#include "adapters/http/server.hpp"
#include "tests/adapters/http/test_server.hpp"
#include "tests/support/http_client.hpp"
#include "tests/support/scratch_folder.hpp"

#include <catch2/catch_test_macros.hpp>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <future>

namespace stravasync::http {

namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

const auto asking = std::string{"GET / HTTP/1.1\r\nHost: x\r\n\r\n"};

/// Containers often have none.
bool has_ipv6() {
  auto probe = ::socket(AF_INET6, SOCK_STREAM, 0);
  sockaddr_in6 loopback{.sin6_family = AF_INET6, .sin6_addr = in6addr_loopback};
  auto bound = probe >= 0
               && ::bind(probe, reinterpret_cast<const sockaddr*>(&loopback),
                         sizeof loopback)
                    == 0;
  if (probe >= 0)
    ::close(probe);
  return bound;
}

caf::error error_of(std::vector<std::string> listen) {
  counting_log logger;
  auto started = start_server({.listen = std::move(listen)}, echo, logger);
  return started ? caf::error{} : started.error();
}

/// A socket file as a killed process leaves it.
void leave_socket_file(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof(address.sun_path) - 1);
  auto handle = ::socket(AF_UNIX, SOCK_STREAM, 0);
  REQUIRE(
    ::bind(handle, reinterpret_cast<const sockaddr*>(&address), sizeof(address))
    == 0);
  ::close(handle);
}

} // namespace

TEST_CASE("stopping waits for requests in flight and closes the rest") {
  std::promise<std::shared_ptr<responder>> asked;
  test_server server{[&](request, std::shared_ptr<responder> reply) {
    asked.set_value(std::move(reply));
  }};
  test::connection busy{server.address()};
  test::connection idle{server.address()};
  busy.write(asking);
  auto reply = asked.get_future().get();
  auto stopping = std::async(std::launch::async,
                             [&] { server->stop(10'000ms); });
  CHECK(idle.read_all().empty());
  CHECK(stopping.wait_for(0s) == std::future_status::timeout);
  reply->send({.body = "finished"});
  std::string bytes;
  auto answer = test::read_reply(busy, bytes);
  CHECK(answer.body == "finished");
  CHECK(answer.header("connection") == "close");
  CHECK(busy.read_all().empty());
  stopping.get();
  CHECK_THROWS(test::connection{server.address()});
}

TEST_CASE("a request that is being received when stopping begins is served") {
  test_server server{echo};
  test::connection half{server.address()};
  half.write(asking + asking.substr(0, 20));
  std::string bytes;
  CHECK(test::read_reply(half, bytes).status == 200);
  auto stopping = std::async(std::launch::async,
                             [&] { server->stop(10'000ms); });
  CHECK(stopping.wait_for(100ms) == std::future_status::timeout);
  half.write(asking.substr(20));
  auto answer = test::read_reply(half, bytes);
  CHECK(answer.status == 200);
  CHECK(answer.header("connection") == "close");
  CHECK(half.read_all().empty());
  stopping.get();
}

TEST_CASE("stopping ends at its deadline whatever handlers do") {
  std::promise<std::shared_ptr<responder>> asked;
  test_server server{[&](request, std::shared_ptr<responder> reply) {
    asked.set_value(std::move(reply));
  }};
  test::connection busy{server.address()};
  busy.write(asking);
  auto reply = asked.get_future().get();
  auto begin = clock::now();
  server->stop(150ms);
  CHECK(clock::now() - begin >= 150ms);
  CHECK(clock::now() - begin < 5s);
  CHECK(busy.read_all().empty());
  reply->send({.body = "too late"});
}

TEST_CASE("responders and streams may outlive the server") {
  std::shared_ptr<responder> reply;
  std::shared_ptr<event_stream> stream;
  std::atomic<int> gone{0};
  std::promise<void> asked;
  {
    test_server server{[&](request what, std::shared_ptr<responder> given) {
                         if (what.path == "/stream") {
                           stream = given->open_stream();
                           stream->on_close([&] { ++gone; });
                           return;
                         }
                         reply = std::move(given);
                         asked.set_value();
                       },
                       {.io_threads = 2}};
    test::event_reader reader{server.address(), "/stream"};
    test::connection client{server.address()};
    client.write(asking);
    asked.get_future().get();
  }
  CHECK(gone == 1);
  CHECK_FALSE(stream->write("data: x\n\n"));
  auto late = reply->open_stream();
  late->write("data: x\n\n");
  reply.reset();
}

TEST_CASE("a unix socket serves and is removed at the end") {
  scratch_folder folder;
  auto path = folder.file("http.sock");
  {
    test_server server{echo, {.listen = {"unix:" + path, "127.0.0.1:0"}}};
    CHECK(server.address() == "unix:" + path);
    CHECK(test::http_client{server.address()}.get("/u").body == "GET /u ");
    CHECK(test::http_client{server->addresses().back()}.get("/t").body
          == "GET /t ");
    auto error = error_of({"unix:" + path});
    CHECK(code_of(error) == ec::unavailable);
    CHECK(detail_of(error) == "unix:" + path + " is in use");
    CHECK(test::http_client{server.address()}.get("/u").status == 200);
  }
  CHECK_FALSE(std::filesystem::exists(path));
}

TEST_CASE("a socket file that nobody listens on is replaced, others are not") {
  scratch_folder folder;
  auto stale = folder.file("stale.sock");
  leave_socket_file(stale);
  test_server server{echo, {.listen = {"unix:" + stale}}};
  CHECK(test::http_client{server.address()}.get("/").status == 200);
  auto file = folder.file("notes.txt");
  std::ofstream{file} << "precious";
  auto error = error_of({"unix:" + file});
  CHECK(code_of(error) == ec::unavailable);
  CHECK(detail_of(error) == file + " exists and is no socket");
  CHECK(std::filesystem::file_size(file) == 8);
}

TEST_CASE("a port in use is named") {
  test_server server{echo};
  auto error = error_of({server.address()});
  CHECK(code_of(error) == ec::unavailable);
  CHECK(detail_of(error) == server.address() + " is in use");
}

TEST_CASE("what is no address to listen on is refused") {
  for (const auto* address :
       {"", "8080", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536",
        "127.0.0.1:-1", "host.example:80", "::1:80", "[::1:80", "127.0.0.1:80x",
        "unix:", ":8080"}) {
    INFO(address);
    CHECK(code_of(error_of({address})) == ec::invalid_argument);
  }
  CHECK(code_of(error_of({"unix:/" + std::string(200, 'x')}))
        == ec::invalid_argument);
  CHECK(code_of(error_of({"unix:/no/such/folder/x.sock"})) == ec::unavailable);
}

TEST_CASE("localhost can be listened on") {
  test_server server{echo, {.listen = {"localhost:0"}}};
  for (const auto& address : server->addresses())
    CHECK(address.starts_with("localhost:"));
}

TEST_CASE("IPv6 can be listened on") {
  if (!has_ipv6())
    SKIP("this machine has no IPv6 loopback");
  test_server server{echo, {.listen = {"[::1]:0"}}};
  CHECK(test::http_client{server.address()}.get("/6").body == "GET /6 ");
}

} // namespace stravasync::http
