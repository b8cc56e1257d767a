#include "adapters/embedded_bus/copy.hpp"

#include "adapters/embedded_bus/embedded_bus.hpp"
#include "adapters/embedded_bus/salvage.hpp"
#include "messages/error.hpp"

#include <SQLiteCpp/SQLiteCpp.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>

namespace stravasync::embedded_bus {

namespace {

namespace fs = std::filesystem;

constexpr auto attempts_max = 8;
constexpr auto wal_header_bytes = std::size_t{32};

/// Removes what is in it at the end.
class scratch {
public:
  scratch() {
    auto failed = std::error_code{};
    auto name
      = (fs::temp_directory_path(failed) / "stravasync-XXXXXX").string();
    if (!failed && ::mkdtemp(name.data()) != nullptr)
      path_ = name;
  }

  scratch(const scratch&) = delete;
  scratch& operator=(const scratch&) = delete;

  ~scratch() {
    auto ignored = std::error_code{};
    if (!path_.empty())
      fs::remove_all(path_, ignored);
  }

  /// Empty if there is none.
  [[nodiscard]] const std::string& path() const {
    return path_;
  }

private:
  std::string path_;
};

/// A bus and the folder that it is in, which must outlive it.
struct copied_bus {
  scratch folder;
  std::shared_ptr<bus> opened;
};

caf::error failed(const std::string& path, const std::string& reason) {
  return make_failure(ec::unavailable, "bus database " + path + ": " + reason);
}

/// What tells one life of the log of changes from the next: its salts.
std::string wal_header(const std::string& path) {
  auto file = std::ifstream{path + "-wal", std::ios::binary};
  std::array<char, wal_header_bytes> bytes{};
  file.read(bytes.data(), bytes.size());
  return {bytes.data(), static_cast<std::size_t>(file.gcount())};
}

/// Copies both files. While the log of changes is the same, it holds every page
/// that was written into the database meanwhile, so the two together are a
/// state that was committed.
/// @returns whether the log stayed the same.
caf::expected<bool> copy_once(const std::string& from, const std::string& to) {
  auto wrong = std::error_code{};
  auto before = wal_header(from);
  fs::copy_file(from, to, fs::copy_options::overwrite_existing, wrong);
  if (wrong)
    return failed(from,
                  "it cannot be copied to " + to + ": " + wrong.message());
  fs::remove(to + "-wal", wrong);
  if (!before.empty()) {
    fs::copy_file(from + "-wal", to + "-wal", wrong);
    if (wrong == std::errc::no_such_file_or_directory)
      return false;
    if (wrong)
      return failed(from, "its log cannot be copied: " + wrong.message());
  }
  return wal_header(from) == before;
}

caf::error copy_files(const std::string& from, const std::string& to) {
  for (auto i = 0; i < attempts_max; ++i) {
    auto same = copy_once(from, to);
    if (!same)
      return same.error();
    if (*same)
      return {};
  }
  return failed(from, "it changes faster than it can be copied; try again when "
                      "less is going on, or with the node stopped");
}

/// What is looked at must not vanish meanwhile.
void keep_everything(const std::string& path) {
  try {
    SQLite::Database db{path, SQLite::OPEN_READWRITE};
    db.exec("UPDATE stream SET max_age_ms=0, dedupe_window_ms=0");
  } catch (const SQLite::Exception&) {
    // No bus's database: opening it says in which way.
  }
}

} // namespace

caf::expected<std::shared_ptr<bus>>
open_copy(const std::string& path, log& log) {
  auto wrong = std::error_code{};
  if (!fs::exists(path, wrong))
    return make_failure(ec::not_found,
                        "bus database " + path + ": there is no such file");
  auto result = std::make_shared<copied_bus>();
  if (result->folder.path().empty())
    return failed(path, std::string{"no scratch folder can be made: "}
                          + std::generic_category().message(errno));
  auto copy = result->folder.path() + "/bus.db";
  if (auto why = copy_files(path, copy))
    return why;
  keep_everything(copy);
  auto opened = open({.path = copy}, log);
  if (!opened && code_of(opened.error()) == ec::malformed) {
    auto readable = result->folder.path() + "/readable.db";
    if (auto messages = salvage(copy, readable)) {
      log.warning(
        "a damaged bus is read as far as it can be",
        {{"path", path}, {"messages", static_cast<std::int64_t>(*messages)}});
      opened = open({.path = readable}, log);
    }
  }
  if (!opened)
    return with_context(opened.error(), "the copy of " + path);
  result->opened = std::move(*opened);
  return std::shared_ptr<bus>{result, result->opened.get()};
}

} // namespace stravasync::embedded_bus
