#pragma once

#include <unistd.h>

namespace stravasync {

/// Owns a file descriptor: closes it at the end of a scope. A negative one, as
/// a failed call returns it, is none.
class scoped_fd {
public:
  explicit scoped_fd(int fd) : fd_{fd} {
    // nop
  }

  scoped_fd(const scoped_fd&) = delete;
  scoped_fd& operator=(const scoped_fd&) = delete;

  ~scoped_fd() {
    if (fd_ >= 0)
      ::close(fd_);
  }

  [[nodiscard]] int get() const {
    return fd_;
  }

private:
  int fd_;
};

} // namespace stravasync
