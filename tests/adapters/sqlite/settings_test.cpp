#include "tests/adapters/sqlite/sqlite_fixture.hpp"

#include <filesystem>
#include <future>

namespace stravasync::sqlite {

TEST_CASE_METHOD(sqlite_fixture, "a setting is none until it is written") {
  make_database();
  CHECK(*read_setting(opts, "token_key") == std::nullopt);
  CHECK_FALSE(write_setting(opts, "token_key", "a"));
  CHECK(*read_setting(opts, "token_key") == "a");
  CHECK_FALSE(write_setting(opts, "token_key", "b"));
  CHECK(*read_setting(opts, "token_key") == "b");
  CHECK(*read_setting(opts, "other") == std::nullopt);
}

TEST_CASE_METHOD(sqlite_fixture, "of many first writers of a setting one wins "
                                 "and all see it") {
  make_database();
  auto writers = std::vector<std::future<caf::expected<std::string>>>{};
  for (auto i = 0; i < 8; ++i)
    writers.push_back(std::async(std::launch::async, [this, i] {
      return write_setting_once(opts, "token_key", std::to_string(i));
    }));
  auto stored = std::optional<std::string>{};
  for (auto& each : writers) {
    auto seen = each.get();
    REQUIRE(seen);
    if (!stored)
      stored = *seen;
    CHECK(*seen == *stored);
  }
  CHECK(*read_setting(opts, "token_key") == stored);
}

TEST_CASE_METHOD(sqlite_fixture, "a setting does not make a database") {
  auto value = read_setting(creating(), "token_key");
  REQUIRE_FALSE(value);
  CHECK(code_of(value.error()) == ec::unavailable);
  CHECK(code_of(write_setting(creating(), "token_key", "a"))
        == ec::unavailable);
  CHECK_FALSE(std::filesystem::exists(opts.path));
}

} // namespace stravasync::sqlite
