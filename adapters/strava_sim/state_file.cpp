#include "adapters/strava_sim/state_file.hpp"

#include "messages/error.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <system_error>
#include <utility>

namespace stravasync::strava_sim {

namespace {

caf::error os_failure(ec code, const std::string& path) {
  return make_failure(code,
                      path + ": " + std::generic_category().message(errno));
}

std::string read_all(int descriptor) {
  auto result = std::string{};
  std::array<char, 65'536> buffer{};
  for (;;) {
    auto got = ::read(descriptor, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR)
      continue;
    if (got <= 0)
      return result;
    result.append(buffer.data(), static_cast<std::size_t>(got));
  }
}

bool write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    auto put = ::write(descriptor, text.data(), text.size());
    if (put < 0 && errno == EINTR)
      continue;
    if (put <= 0)
      return false;
    text.remove_prefix(static_cast<std::size_t>(put));
  }
  return true;
}

} // namespace

state_file::state_file(std::string path, int descriptor, std::size_t bytes)
  : path_{std::move(path)},
    descriptor_{descriptor},
    bytes_{bytes} {
}

state_file::~state_file() {
  ::close(descriptor_);
}

caf::expected<std::unique_ptr<state_file>>
state_file::open(std::string path,
                 const std::function<void(std::string_view)>& replay) {
  auto descriptor = ::open(path.c_str(),
                           O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (descriptor < 0)
    return os_failure(ec::unavailable, path);
  struct stat what {};
  if (::fstat(descriptor, &what) != 0 || !S_ISREG(what.st_mode)) {
    ::close(descriptor);
    return make_failure(ec::unavailable, path + " is no regular file");
  }
  auto text = read_all(descriptor);
  auto rest = std::string_view{text};
  for (auto end = rest.find('\n'); end != std::string_view::npos;
       end = rest.find('\n')) {
    replay(rest.substr(0, end));
    rest.remove_prefix(end + 1);
  }
  auto whole = text.size() - rest.size();
  // The next line must not be glued to half of one.
  if (!rest.empty()
      && ::ftruncate(descriptor, static_cast<off_t>(whole)) != 0) {
    auto error = os_failure(ec::unavailable, path);
    ::close(descriptor);
    return error;
  }
  return std::unique_ptr<state_file>{
    new state_file{std::move(path), descriptor, whole}};
}

caf::error state_file::append(std::string_view line) {
  buffer_.assign(line);
  buffer_ += '\n';
  if (!write_all(descriptor_, buffer_)) {
    auto error = os_failure(ec::full, path_);
    // Half a line would spoil the next one, so it is taken back. If that fails
    // too, the reader skips one broken line.
    [[maybe_unused]] auto kept = ::ftruncate(descriptor_,
                                             static_cast<off_t>(bytes_));
    return error;
  }
  bytes_ += buffer_.size();
  return caf::none;
}

caf::error state_file::replace(const std::vector<std::string>& lines) {
  auto temporary = path_ + ".new";
  auto descriptor = ::open(
    temporary.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
  if (descriptor < 0)
    return os_failure(ec::full, temporary);
  auto text = std::string{};
  for (const auto& line : lines)
    text.append(line).append("\n");
  if (!write_all(descriptor, text)
      || std::rename(temporary.c_str(), path_.c_str()) != 0) {
    auto error = os_failure(ec::full, temporary);
    ::close(descriptor);
    ::unlink(temporary.c_str());
    return error;
  }
  ::close(std::exchange(descriptor_, descriptor));
  bytes_ = text.size();
  return caf::none;
}

std::size_t state_file::bytes() const {
  return bytes_;
}

} // namespace stravasync::strava_sim
