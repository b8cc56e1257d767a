#include "actors/roles/data_files.hpp"

#include "messages/error.hpp"
#include "tests/support/scratch_folder.hpp"

#include <catch2/catch_test_macros.hpp>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

using namespace stravasync;
namespace fs = std::filesystem;

namespace {

class kept_lines final : public log {
public:
  void write(log_level level, std::string_view text,
             std::initializer_list<log_field>) override {
    lines.push_back((level == log_level::warning ? "warning: " : "")
                    + std::string{text});
  }

  std::vector<std::string> lines;
};

struct fixture {
  fixture() {
    config.node.data_dir = data;
    config.bus.path = data + "/bus.db";
    config.store.url = "sqlite:" + data + "/stravasync.db";
    config.sim.state = data + "/sim.state";
  }

  caf::error prepare() {
    journal.lines.clear();
    return prepare_data_folder(config, journal);
  }

  scratch_folder folder;
  std::string data = folder.file("data");
  settings config;
  kept_lines journal;
};

unsigned mode_of(const std::string& path) {
  return static_cast<unsigned>(fs::status(path).permissions());
}

} // namespace

TEST_CASE_METHOD(fixture, "a new data folder is its user's alone") {
  config.node.data_dir = data + "/deep/below";
  REQUIRE_FALSE(prepare());
  CHECK(mode_of(data + "/deep/below") == 0700);
  CHECK(journal.lines.empty());
}

TEST_CASE_METHOD(fixture, "what was open to others is closed and said once") {
  fs::create_directory(data);
  fs::permissions(data, fs::perms{0755});
  for (const auto* name : {"bus.db", "bus.db-wal", "stravasync.db"}) {
    std::ofstream{data + "/" + name} << "x";
    fs::permissions(data + "/" + name, fs::perms{0664});
  }
  REQUIRE_FALSE(prepare());
  CHECK(mode_of(data) == 0700);
  CHECK(mode_of(config.bus.path) == 0600);
  CHECK(mode_of(config.bus.path + "-wal") == 0600);
  CHECK(mode_of(data + "/stravasync.db") == 0600);
  CHECK(journal.lines.size() == 2);
  REQUIRE_FALSE(prepare());
  CHECK(journal.lines.empty());
}

TEST_CASE_METHOD(fixture, "a folder that all share is left, with a warning") {
  fs::create_directory(data);
  fs::permissions(data, fs::perms{01777});
  REQUIRE_FALSE(prepare());
  CHECK(mode_of(data) == 01777);
  CHECK(journal.lines
        == std::vector<std::string>{
          "warning: the data folder is open to other users"});
}

TEST_CASE_METHOD(fixture, "a folder that holds other things is left, its own "
                          "files are closed") {
  fs::create_directory(data);
  fs::permissions(data, fs::perms{0755});
  std::ofstream{data + "/thesis.txt"} << "x";
  std::ofstream{config.bus.path} << "x";
  fs::permissions(config.bus.path, fs::perms{0644});
  REQUIRE_FALSE(prepare());
  CHECK(mode_of(data) == 0755);
  CHECK(mode_of(config.bus.path) == 0600);
  CHECK(journal.lines
        == std::vector<std::string>{
          "warning: the data folder is open to other users",
          "warning: files were open to other users and are no more"});
}

TEST_CASE_METHOD(fixture, "a file behind a link is left as it is") {
  fs::create_directory(data);
  auto elsewhere = folder.file("elsewhere");
  std::ofstream{elsewhere} << "x";
  fs::permissions(elsewhere, fs::perms{0644});
  fs::create_symlink(elsewhere, config.bus.path);
  REQUIRE_FALSE(prepare());
  CHECK(mode_of(elsewhere) == 0644);
}

TEST_CASE_METHOD(fixture, "a link of one's own leads to the folder") {
  auto real = folder.file("real");
  fs::create_directory(real);
  fs::create_symlink(real, data);
  REQUIRE_FALSE(prepare());
  CHECK(mode_of(real) == 0700);
}

TEST_CASE_METHOD(fixture, "another user's link is refused, another user's "
                          "folder is not") {
  if (::geteuid() != 0)
    SKIP("needs root to make another user's files");
  constexpr auto other = uid_t{65'534};
  fs::create_directory(data);
  fs::permissions(data, fs::perms{0755});
  REQUIRE(::chown(data.c_str(), other, other) == 0);
  REQUIRE_FALSE(prepare());
  CHECK(mode_of(data) == 0755);
  CHECK(journal.lines.size() == 1);
  auto link = folder.file("link");
  fs::create_symlink(data, link);
  REQUIRE(::lchown(link.c_str(), other, other) == 0);
  config.node.data_dir = link;
  auto refused = prepare();
  CHECK(code_of(refused) == ec::denied);
  CHECK(detail_of(refused).find(link) != std::string::npos);
}

TEST_CASE_METHOD(fixture, "a folder that cannot be is named") {
  std::ofstream{data} << "x";
  auto refused = prepare();
  CHECK(code_of(refused) == ec::unavailable);
  CHECK(detail_of(refused) == "node.data_dir: " + data + " is no folder");
  config.node.data_dir = data + "/below";
  CHECK(detail_of(prepare()).find("cannot be made") != std::string::npos);
}

TEST_CASE_METHOD(fixture, "a node that keeps nothing makes no folder") {
  config.bus.url = "nats://localhost";
  config.node.roles = {role::consumer};
  REQUIRE_FALSE(prepare());
  CHECK_FALSE(fs::exists(data));
}
