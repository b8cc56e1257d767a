#include "config/text_file.hpp"

#include "config/quantity.hpp"
#include "messages/error.hpp"
#include "messages/scoped_fd.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace stravasync {

namespace {

std::string reason(int number) {
  return std::generic_category().message(number);
}

/// @returns why the file is none to read; empty if it is a regular one.
std::string kind_problem(int fd) {
  struct stat status {};
  if (::fstat(fd, &status) != 0)
    return reason(errno);
  if (S_ISDIR(status.st_mode))
    return reason(EISDIR);
  // Its end may never come.
  return S_ISREG(status.st_mode) ? "" : "it is no regular file";
}

} // namespace

caf::expected<std::string>
read_text_file(const std::string& path, std::size_t bytes_max) {
  auto failed = [&](const std::string& why) {
    return make_failure(ec::invalid_argument,
                        "cannot read " + path + ": " + why);
  };
  // Opening a pipe would wait for who writes into it.
  auto file
    = scoped_fd{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  if (file.get() < 0)
    return failed(reason(errno));
  if (auto problem = kind_problem(file.get()); !problem.empty())
    return failed(problem);
  auto text = std::string(bytes_max + 1, '\0');
  auto size = std::size_t{0};
  while (size < text.size()) {
    auto got = ::read(file.get(), text.data() + size, text.size() - size);
    if (got < 0 && errno != EINTR)
      return failed(reason(errno));
    if (got == 0)
      break;
    size += got > 0 ? static_cast<std::size_t>(got) : 0;
  }
  text.resize(size);
  if (text.size() > bytes_max)
    return failed("larger than " + format_bytes(bytes_max));
  return text;
}

} // namespace stravasync
