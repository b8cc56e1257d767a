#include "adapters/http/server.hpp"
#include "tests/adapters/http/test_server.hpp"
#include "tests/support/http_client.hpp"

#include <catch2/catch_test_macros.hpp>

#include <chrono>
#include <string>

namespace stravasync::http {

using namespace std::chrono_literals;

TEST_CASE("a body may come in chunks, with extensions and trailers") {
  test_server server{echo};
  test::connection client{server.address()};
  client.write("POST /c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
               "\r\n5;a=b\r\nhello\r\n6\r\n world\r\n0\r\nX-T: 1\r\n\r\n"
               "GET /next HTTP/1.1\r\nHost: x\r\n\r\n");
  std::string bytes;
  CHECK(test::read_reply(client, bytes).body == "POST /c hello world");
  CHECK(test::read_reply(client, bytes).body == "GET /next ");
}

TEST_CASE("a request may come byte by byte") {
  test_server server{echo};
  test::connection client{server.address()};
  for (auto c : std::string{"POST /slow HTTP/1.1\r\nHost: x\r\n"
                            "Content-Length: 3\r\n\r\nabc"})
    client.write({&c, 1});
  std::string bytes;
  CHECK(test::read_reply(client, bytes).body == "POST /slow abc");
}

TEST_CASE("a client that waits for 100 Continue gets it, once") {
  test_server server{echo};
  test::connection client{server.address()};
  client.write("POST /w HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n"
               "Expect: 100-continue\r\n\r\n");
  std::string bytes;
  CHECK(test::read_reply(client, bytes).status == 100);
  client.write("bo");
  client.write("dy");
  CHECK(test::read_reply(client, bytes).body == "POST /w body");
}

TEST_CASE("a body too large is refused before it is sent") {
  test_server server{echo};
  test::connection client{server.address()};
  client.write("POST /w HTTP/1.1\r\nHost: x\r\nContent-Length: 9999999\r\n"
               "Expect: 100-continue\r\n\r\n");
  std::string bytes;
  CHECK(test::read_reply(client, bytes).status == 413);
}

TEST_CASE("HTTP/1.0 closes unless it asks to keep the connection") {
  test_server server{echo};
  {
    test::connection client{server.address()};
    client.write("GET /old HTTP/1.0\r\n\r\n");
    auto all = client.read_all();
    CHECK(all.find("Connection: close\r\n") != std::string::npos);
    CHECK(all.ends_with("GET /old "));
  }
  test::connection client{server.address()};
  client.write("GET /old HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  std::string bytes;
  CHECK(test::read_reply(client, bytes).header("connection") == "keep-alive");
}

TEST_CASE("a client that sends no more still gets its answer") {
  test_server server{echo};
  test::connection client{server.address()};
  client.write("GET /last HTTP/1.1\r\nHost: x\r\n\r\n");
  client.finish_writing();
  CHECK(client.read_all().ends_with("GET /last "));
}

TEST_CASE("the absolute form of a target is understood") {
  test_server server{echo};
  test::connection client{server.address()};
  client.write("GET http://x:80/abs?q=1 HTTP/1.1\r\nHost: x\r\n\r\n"
               "GET http://x HTTP/1.1\r\nHost: x\r\n\r\n");
  std::string bytes;
  CHECK(test::read_reply(client, bytes).body == "GET /abs ");
  CHECK(test::read_reply(client, bytes).body == "GET / ");
}

TEST_CASE("many small chunks with extensions are refused") {
  test_server server{echo};
  std::string chunked = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: "
                        "chunked\r\n\r\n";
  auto few = chunked;
  for (auto i = 0; i < 10; ++i)
    few += "1;note=" + std::string(100, 'e') + "\r\ny\r\n";
  CHECK(
    send_raw(
      server.address(),
      few + "0\r\n\r\n"
        + std::string{"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"})
      .status
    == 200);
  for (auto i = 0; i < 100; ++i)
    chunked += "1;note=" + std::string(1'000, 'e') + "\r\ny\r\n";
  CHECK(send_raw(server.address(), chunked).status == 431);
}

TEST_CASE("empty lines without a request after them end the connection") {
  test_server server{echo};
  test::connection client{server.address()};
  client.write("\r\n\r\nGET /a HTTP/1.1\r\nHost: x\r\n\r\n"
               "\r\nGET /b HTTP/1.1\r\nHost: x\r\n\r\n");
  std::string bytes;
  CHECK(test::read_reply(client, bytes).body == "GET /a ");
  CHECK(test::read_reply(client, bytes).body == "GET /b ");
  std::string answer;
  for (auto lines = 0; answer.empty() && lines < 100; ++lines) {
    client.try_write("\r\n", 1s);
    answer = client.try_read(5ms).value_or("");
  }
  CHECK(answer.starts_with("HTTP/1.1 400 "));
}

} // namespace stravasync::http
