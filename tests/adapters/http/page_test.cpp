#include "adapters/http/embedded.hpp"
#include "tests/adapters/http/api_fixture.hpp"
#include "tests/support/paths.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>

namespace stravasync::http {

namespace {

std::string read_file(const std::filesystem::path& path) {
  auto stream = std::ifstream{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{stream}, {}};
}

} // namespace

TEST_CASE_METHOD(api_fixture, "every file of the page is served as it is") {
  auto folder = std::filesystem::path{STRAVASYNC_SOURCE_DIR}
                / "adapters/http/page";
  auto files = 0;
  for (const auto& entry : std::filesystem::directory_iterator{folder}) {
    auto name = entry.path().filename().string();
    INFO(name);
    auto path = name == "index.html" ? "/" : "/assets/" + name;
    auto reply = client.get(path);
    CHECK(reply.status == 200);
    CHECK(reply.body == read_file(entry.path()));
    CHECK_FALSE(reply.header("content-type").empty());
    CHECK(reply.header("content-type") != "application/octet-stream");
    CHECK(reply.header("x-content-type-options") == "nosniff");
    CHECK(reply.header("referrer-policy") == "no-referrer");
    auto csp = reply.header("content-security-policy");
    CHECK(csp.find("default-src 'self'") != std::string_view::npos);
    CHECK(csp.find("unsafe") == std::string_view::npos);
    ++files;
  }
  CHECK(files > 1);
}

TEST_CASE_METHOD(api_fixture, "an athlete's address shows the page") {
  CHECK(client.get("/athletes/7").body == client.get("/").body);
  CHECK(client.get("/").header("content-type") == "text/html; charset=utf-8");
}

TEST_CASE_METHOD(api_fixture, "the chart library is part of the binary") {
  auto reply = client.get("/assets/chart.js");
  CHECK(reply.status == 200);
  CHECK(reply.header("content-type") == "text/javascript; charset=utf-8");
  CHECK(reply.body.find("Chart.js v3") != std::string::npos);
}

TEST_CASE_METHOD(api_fixture, "a file that did not change is not sent again") {
  auto first = client.get("/");
  auto tag = std::string{first.header("etag")};
  REQUIRE(tag.starts_with('"'));
  auto second = client.get("/", {{"If-None-Match", "\"other\", " + tag}});
  CHECK(second.status == 304);
  CHECK(second.body.empty());
  CHECK(second.header("etag") == tag);
  CHECK(client.get("/", {{"If-None-Match", "\"other\""}}).status == 200);
  CHECK(client.get("/", {{"If-None-Match", "*"}}).status == 304);
}

} // namespace stravasync::http
