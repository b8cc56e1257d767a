#pragma once

#include <array>
#include <cstdlib>
#include <filesystem>
#include <string>

namespace stravasync {

/// A new empty folder, removed with all it holds at the end.
class scratch_folder {
public:
  scratch_folder() {
    auto name
      = (std::filesystem::temp_directory_path() / "stravasync-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr)
      std::abort();
    path_ = name;
  }

  scratch_folder(const scratch_folder&) = delete;
  scratch_folder& operator=(const scratch_folder&) = delete;

  ~scratch_folder() {
    auto ignored = std::error_code{};
    std::filesystem::remove_all(path_, ignored);
  }

  [[nodiscard]] const std::string& path() const {
    return path_;
  }

  [[nodiscard]] std::string file(const std::string& name) const {
    return path_ + "/" + name;
  }

private:
  std::string path_;
};

} // namespace stravasync
