#include "adapters/secrets/token_key.hpp"
#include "messages/error.hpp"
#include "tests/support/scratch_folder.hpp"

#include <catch2/catch_test_macros.hpp>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <future>
#include <vector>

using namespace stravasync;
using secrets::load_or_create_key;

namespace {

struct key_file_fixture {
  scratch_folder folder;
  std::string path = folder.file("token.key");

  void put(std::string_view text, ::mode_t mode) const {
    std::ofstream{path} << text;
    REQUIRE(::chmod(path.c_str(), mode) == 0);
  }

  [[nodiscard]] ::mode_t mode() const {
    struct stat status {};
    REQUIRE(::stat(path.c_str(), &status) == 0);
    return status.st_mode & 0777U;
  }

  /// @returns what is wrong with the file; there must be something.
  [[nodiscard]] caf::error problem() const {
    auto key = load_or_create_key(path);
    REQUIRE_FALSE(key);
    return key.error();
  }
};

bool equal(const secrets::token_key& a, const secrets::token_key& b) {
  return std::ranges::equal(a.bytes(), b.bytes());
}

} // namespace

TEST_CASE_METHOD(key_file_fixture, "a missing key is made for its owner only "
                                   "and found again") {
  // A careless umask must not matter.
  auto before = ::umask(0);
  auto made = load_or_create_key(path);
  ::umask(before);
  REQUIRE(made);
  CHECK(mode() == 0600);
  auto found = load_or_create_key(path);
  REQUIRE(found);
  CHECK(equal(*made, *found));
  // No draft is left.
  auto files = std::filesystem::directory_iterator{folder.path()};
  CHECK(std::distance(begin(files), end(files)) == 1);
}

TEST_CASE_METHOD(key_file_fixture, "each new key is another one") {
  auto first = load_or_create_key(path);
  auto second = load_or_create_key(folder.file("other.key"));
  REQUIRE(first);
  REQUIRE(second);
  CHECK_FALSE(equal(*first, *second));
}

TEST_CASE_METHOD(key_file_fixture, "all who make the same key at once get the "
                                   "same") {
  auto makers = std::vector<std::future<caf::expected<secrets::token_key>>>{};
  for (auto i = 0; i < 16; ++i)
    makers.push_back(std::async(std::launch::async,
                                [this] { return load_or_create_key(path); }));
  auto stored = std::optional<secrets::token_key>{};
  for (auto& each : makers) {
    auto key = each.get();
    REQUIRE(key);
    if (!stored)
      stored = *key;
    CHECK(equal(*key, *stored));
  }
}

TEST_CASE_METHOD(key_file_fixture, "a key that others may read is refused") {
  constexpr auto key = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n";
  for (auto open : {0640U, 0604U, 0620U, 0644U, 0666U}) {
    put(key, open);
    CHECK(code_of(problem()) == ec::denied);
    CHECK(detail_of(problem()).find("chmod 600 " + path) != std::string::npos);
  }
  for (auto closed : {0600U, 0400U}) {
    put(key, 0600);
    REQUIRE(::chmod(path.c_str(), closed) == 0);
    CHECK(load_or_create_key(path));
  }
}

TEST_CASE_METHOD(key_file_fixture, "a file that holds no key is named and left "
                                   "alone") {
  for (auto* text : {"", "c2hvcnQ=", "not a key"}) {
    put(text, 0600);
    CHECK(code_of(problem()) == ec::invalid_argument);
    CHECK(detail_of(problem()).find(path) != std::string::npos);
    CHECK(std::filesystem::file_size(path) == std::string_view{text}.size());
  }
}

TEST_CASE_METHOD(key_file_fixture, "a path where no file can be is an error "
                                   "with the reason") {
  path = folder.file("missing/token.key");
  CHECK(code_of(problem()) == ec::unavailable);
  CHECK(detail_of(problem()).find("No such file or directory")
        != std::string::npos);
  path = folder.path();
  CHECK(code_of(problem()) == ec::invalid_argument);
  path = folder.file("pipe"); // Nobody writes into it.
  REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
  CHECK(detail_of(problem()).find("no regular file") != std::string::npos);
  std::ofstream{folder.file("file")} << "x";
  path = folder.file("file/token.key");
  CHECK(detail_of(problem()).find("Not a directory") != std::string::npos);
}
