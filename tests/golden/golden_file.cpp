#include "tests/golden/golden_file.hpp"

#include "messages/text/hex.hpp"
#include "messages/text/utf8.hpp"
#include "tests/support/paths.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <vector>

namespace stravasync::golden {

namespace {

namespace fs = std::filesystem;

/// Around the first difference of a long line.
constexpr auto excerpt_bytes = std::size_t{70};

const auto root = fs::path{STRAVASYNC_SOURCE_DIR "/tests/golden"};

bool renews() {
  const auto* value = std::getenv("STRAVASYNC_RENEW_GOLDEN");
  return value != nullptr && std::string_view{value} == "1";
}

std::string program() {
  return fs::read_symlink("/proc/self/exe").filename().string();
}

std::string advice() {
  return "If this is meant, renew the files in a commit of its own that says "
         "why:\n  STRAVASYNC_RENEW_GOLDEN=1 build/dev/tests/bin/"
         + program();
}

std::optional<std::string> read(const fs::path& path) {
  auto in = std::ifstream{path, std::ios::binary};
  if (!in)
    return std::nullopt;
  auto text = std::ostringstream{};
  text << in.rdbuf();
  return text.str();
}

void write(const fs::path& path, std::string_view text) {
  fs::create_directories(path.parent_path());
  auto out = std::ofstream{path, std::ios::binary | std::ios::trunc};
  out.write(text.data(), static_cast<std::streamsize>(text.size()));
  out.close();
  REQUIRE(out);
}

/// The lines of a text, each with its end.
std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> result;
  while (!text.empty()) {
    auto end = text.find('\n');
    auto size = end == std::string_view::npos ? text.size() : end + 1;
    result.push_back(text.substr(0, size));
    text.remove_prefix(size);
  }
  return result;
}

std::string excerpt(std::string_view line, std::size_t at) {
  auto begin = at > excerpt_bytes ? at - excerpt_bytes : 0;
  auto part = line.substr(begin, 2 * excerpt_bytes);
  auto ends_line = part.ends_with('\n');
  if (ends_line)
    part.remove_suffix(1);
  auto is_last = begin + part.size() + (ends_line ? 1 : 0) == line.size();
  return (begin > 0 ? "..." : "") + readable(part) + (is_last ? "" : "...")
         + (is_last && !ends_line ? " (without a line feed)" : "") + "\n";
}

} // namespace

std::string readable(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    auto size = utf8_length(text);
    auto byte = static_cast<unsigned char>(text.front());
    if (size > 1 || byte == '\n' || (byte >= 0x20 && byte < 0x7F)) {
      result += text.substr(0, size);
    } else {
      result += "\\x";
      append_hex(result, byte);
    }
    text.remove_prefix(std::max(size, std::size_t{1}));
  }
  return result;
}

std::string difference(std::string_view expected, std::string_view actual) {
  auto before = lines_of(expected);
  auto now = lines_of(actual);
  auto [left, right] = std::ranges::mismatch(before, now);
  auto line = static_cast<std::size_t>(left - before.begin());
  auto result = "line " + std::to_string(line + 1) + ":\n";
  if (line > 0)
    result += "  " + excerpt(before[line - 1], 0);
  auto place = std::size_t{0};
  if (left != before.end() && right != now.end())
    place = static_cast<std::size_t>(std::ranges::mismatch(*left, *right).in1
                                     - left->begin());
  result += "- "
            + (left == before.end() ? "(the end)\n" : excerpt(*left, place));
  result += "+ "
            + (right == now.end() ? "(the end)\n" : excerpt(*right, place));
  return result;
}

void check_file(const std::string& name, std::string_view text) {
  const auto path = root / name;
  auto kept = read(path);
  if (renews()) {
    if (kept != text)
      write(path, text);
    return;
  }
  if (!kept)
    FAIL_CHECK("tests/golden/" << name << " is missing; it would be\n"
                               << readable(text.substr(0, 2'000)) << "\n"
                               << advice());
  else if (*kept != text)
    FAIL_CHECK("tests/golden/" << name << " differs in "
                               << difference(*kept, text) << advice());
}

void check_folder(const std::string& folder,
                  const std::set<std::string>& names) {
  auto strangers = std::vector<fs::path>{};
  if (fs::exists(root / folder))
    for (const auto& entry : fs::recursive_directory_iterator{root / folder})
      if (entry.is_regular_file()
          && !names.contains(fs::relative(entry.path(), root).string()))
        strangers.push_back(entry.path());
  for (const auto& stranger : strangers) {
    if (renews())
      fs::remove(stranger);
    else
      FAIL_CHECK("tests/golden/" << fs::relative(stranger, root).string()
                                 << " is of no test\n"
                                 << advice());
  }
}

} // namespace stravasync::golden
