#include "tests/adapters/http/test_server.hpp"
#include "tests/support/http_client.hpp"
#include "tests/support/scratch_folder.hpp"

#include <catch2/catch_test_macros.hpp>
#include <sys/stat.h>
#include <unistd.h>

#include <string>

namespace stravasync::http {

namespace {

struct stat status_of(const std::string& path) {
  struct stat result {};
  REQUIRE(::stat(path.c_str(), &result) == 0);
  return result;
}

mode_t mode_of(const std::string& path) {
  return status_of(path).st_mode & 0777U;
}

/// Sets the process's umask for as long as it lives.
class with_umask {
public:
  explicit with_umask(mode_t mask) : before_{::umask(mask)} {
  }
  with_umask(const with_umask&) = delete;
  with_umask& operator=(const with_umask&) = delete;
  ~with_umask() {
    ::umask(before_);
  }

private:
  mode_t before_;
};

} // namespace

TEST_CASE("a socket file is for its owner and group, whatever the umask") {
  scratch_folder folder;
  auto path = folder.file("http.sock");
  for (auto mask : {0000U, 0022U, 0777U}) {
    with_umask quiet{mask};
    test_server server{echo, {.listen = {"unix:" + path}}};
    CHECK(mode_of(path) == 0660);
    CHECK(test::http_client{"unix:" + path}.get("/").status == 200);
  }
  CHECK(::access(path.c_str(), F_OK) != 0);
}

TEST_CASE("mode and group of a socket file are what was asked for") {
  scratch_folder folder;
  auto path = folder.file("http.sock");
  auto own = std::to_string(::getgid());
  test_server server{
    echo,
    {.listen = {"unix:" + path}, .socket_mode = 0600, .socket_group = own}};
  CHECK(mode_of(path) == 0600);
  CHECK(status_of(path).st_gid == ::getgid());
}

TEST_CASE("a group that is not there is said") {
  scratch_folder folder;
  counting_log logger;
  auto started = start_server({.listen = {"unix:" + folder.file("http.sock")},
                               .socket_group = "no-such-group"},
                              echo, logger);
  REQUIRE_FALSE(started);
  CHECK(code_of(started.error()) == ec::invalid_argument);
  CHECK(detail_of(started.error()).find("no group \"no-such-group\"")
        != std::string::npos);
  CHECK(::access(folder.file("http.sock").c_str(), F_OK) != 0);
}

} // namespace stravasync::http
