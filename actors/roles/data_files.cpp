#include "actors/roles/data_files.hpp"

#include "messages/error.hpp"
#include "messages/scoped_fd.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

namespace stravasync {

namespace {

namespace fs = std::filesystem;

constexpr auto others = mode_t{S_IRWXG | S_IRWXO};

std::string octal(mode_t mode) {
  auto text = std::array<char, 8>{};
  std::snprintf(text.data(), text.size(), "%04o",
                static_cast<unsigned>(mode & 07777U));
  return text.data();
}

caf::error cannot(const std::string& path, const std::string& why) {
  return make_failure(ec::unavailable, "node.data_dir: " + path + " " + why);
}

caf::error make_folder(const std::string& path) {
  auto failed = std::error_code{};
  auto parent = fs::path{path}.parent_path();
  if (!parent.empty())
    fs::create_directories(parent, failed);
  if (!failed && ::mkdir(path.c_str(), S_IRWXU) != 0 && errno != EEXIST)
    failed = {errno, std::generic_category()};
  return failed ? cannot(path, "cannot be made: " + failed.message())
                : caf::error{};
}

/// A link of the superuser's is an administrator's choice.
caf::error check_link(const std::string& path) {
  struct stat found {};
  if (::lstat(path.c_str(), &found) != 0 || !S_ISLNK(found.st_mode)
      || found.st_uid == ::geteuid() || found.st_uid == 0)
    return {};
  return make_failure(ec::denied,
                      "node.data_dir: " + path + " is a symbolic link of user "
                        + std::to_string(found.st_uid)
                        + ", who could send the data anywhere: give the folder "
                          "itself, or a link of your own");
}

std::vector<std::string> files_of(const settings& config) {
  std::vector<std::string> result;
  auto add_database = [&](const std::string& path) {
    for (const auto* suffix : {"", "-wal", "-shm"})
      result.push_back(path + suffix);
  };
  if (config.bus.embedded())
    add_database(config.bus.path);
  if (auto path = config.store.sqlite_path(); !path.empty())
    add_database(path);
  result.push_back(config.sim.state);
  // One that others could read is refused by who reads it.
  result.push_back(config.node.data_dir + "/token.key");
  return result;
}

/// @returns whether nothing else is in the folder: somebody's home, or
/// /var/lib, is not this program's to close.
bool holds_only(const std::string& path,
                const std::vector<std::string>& files) {
  auto failed = std::error_code{};
  for (auto each = fs::directory_iterator{path, failed};
       !failed && each != fs::directory_iterator{}; each.increment(failed)) {
    auto name = each->path().filename().string();
    auto is_ours = std::ranges::any_of(files, [&](const auto& file) {
      return name.starts_with(fs::path{file}.filename().string());
    });
    if (!is_ours)
      return false;
  }
  return !failed;
}

void close_folder(const std::string& path, const struct stat& found,
                  const std::vector<std::string>& files, log& journal) {
  auto open = found.st_mode & others;
  if (open == 0)
    return;
  auto shared = (found.st_mode & S_ISVTX) != 0;
  auto own = found.st_uid == ::geteuid();
  if (own && !shared && holds_only(path, files)
      && ::chmod(path.c_str(), S_IRWXU) == 0) {
    journal.warning("the data folder was open to other users and is no more",
                    {{"path", path}, {"mode_before", octal(found.st_mode)}});
    return;
  }
  journal.warning("the data folder is open to other users",
                  {{"path", path},
                   {"mode", octal(found.st_mode)},
                   {"owner", std::int64_t{found.st_uid}}});
}

/// @returns whether the file was open to others and is no more.
bool close_file(const std::string& path) {
  // Not through a link, and not a moment after it was looked at.
  auto file = scoped_fd{
    ::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)};
  if (file.get() < 0)
    return false;
  struct stat found {};
  return ::fstat(file.get(), &found) == 0 && S_ISREG(found.st_mode)
         && found.st_uid == ::geteuid() && (found.st_mode & others) != 0
         && ::fchmod(file.get(), S_IRUSR | S_IWUSR) == 0;
}

} // namespace

bool keeps_files(const settings& config) {
  if (config.bus.embedded())
    return true;
  return config.node.has(role::api)
         && (config.store.url.starts_with("sqlite:")
             || config.secrets.token_key.empty());
}

caf::error prepare_data_folder(const settings& config, log& journal) {
  if (!keeps_files(config))
    return {};
  const auto& path = config.node.data_dir;
  if (auto why = check_link(path))
    return why;
  if (auto why = make_folder(path))
    return why;
  struct stat found {};
  if (::stat(path.c_str(), &found) != 0)
    return cannot(path, std::generic_category().message(errno));
  if (!S_ISDIR(found.st_mode))
    return cannot(path, "is no folder");
  auto files = files_of(config);
  close_folder(path, found, files, journal);
  auto closed = std::string{};
  for (const auto& file : files)
    if (!file.ends_with("token.key") && close_file(file))
      closed += (closed.empty() ? "" : ", ") + file;
  if (!closed.empty())
    journal.warning("files were open to other users and are no more",
                    {{"files", closed}});
  return {};
}

} // namespace stravasync
