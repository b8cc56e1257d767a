#include "tests/source_tree.hpp"

#include "tests/support/paths.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

namespace fs = std::filesystem;

namespace stravasync::test {

namespace {

source_file read_file(const fs::path& path, const fs::path& root) {
  auto result = source_file{fs::relative(path, root).string(), {}};
  auto stream = std::ifstream{path};
  for (std::string line; std::getline(stream, line);)
    result.lines.push_back(line);
  return result;
}

std::vector<source_file> read_all() {
  auto result = std::vector<source_file>{};
  auto root = fs::path{STRAVASYNC_SOURCE_DIR};
  const auto skipped = std::set<std::string>{".git", ".cache", "build", "data"};
  auto entries = fs::recursive_directory_iterator{root};
  for (auto entry = begin(entries); entry != end(entries); ++entry) {
    auto at_top = entry.depth() == 0;
    if (at_top && skipped.contains(entry->path().filename().string()))
      entry.disable_recursion_pending();
    else if (entry->is_regular_file())
      result.push_back(read_file(entry->path(), root));
  }
  return result;
}

} // namespace

const std::vector<source_file>& all_files() {
  static const auto files = read_all();
  return files;
}

std::vector<source_file> sources() {
  auto is_source = [](const auto& file) {
    return file.path.ends_with(".hpp") || file.path.ends_with(".cpp");
  };
  auto result = std::vector<source_file>{};
  std::ranges::copy_if(all_files(), std::back_inserter(result), is_source);
  return result;
}

findings::~findings() {
  INFO(text_);
  CHECK(count_ == 0);
}

void findings::add(const source_file& file, std::size_t line,
                   const std::string& what) {
  ++count_;
  auto number = line == 0 ? std::string{} : ":" + std::to_string(line);
  text_ += file.path + number + ": " + what + "\n";
}

} // namespace stravasync::test
