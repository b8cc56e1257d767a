#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace stravasync::test {

struct source_file {
  std::string path; // From the project's folder.
  std::vector<std::string> lines;

  [[nodiscard]] bool in(std::string_view folder) const {
    return path.starts_with(std::string{folder} + "/");
  }
};

/// Every file of the project that people write, whatever it is written in.
[[nodiscard]] const std::vector<source_file>& all_files();

/// The C++ ones.
[[nodiscard]] std::vector<source_file> sources();

/// Calls `check(line, number)` for each line, numbered from 1.
template <class Check>
void each_line(const source_file& file, Check check) {
  for (auto i = std::size_t{0}; i < file.lines.size(); ++i)
    check(std::string_view{file.lines[i]}, i + 1);
}

/// Collects what breaks a rule and tells all of it in one failure.
class findings {
public:
  findings() = default;
  findings(const findings&) = delete;
  findings& operator=(const findings&) = delete;

  ~findings();

  /// @param line From 1; 0: the file as a whole.
  void add(const source_file& file, std::size_t line, const std::string& what);

private:
  std::string text_;
  int count_ = 0;
};

} // namespace stravasync::test
