#include "config/text_file.hpp"

#include "config/quantity.hpp"
#include "messages/error.hpp"

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <system_error>

namespace stravasync {

caf::expected<std::string>
read_text_file(const std::string& path, std::size_t bytes_max) {
  auto failed = [&](const std::string& why) {
    return make_failure(ec::invalid_argument,
                        "cannot read " + path + ": " + why);
  };
  // A folder can be opened, and reading it fails without a reason.
  auto ignored = std::error_code{};
  if (std::filesystem::is_directory(path, ignored))
    return failed(std::generic_category().message(EISDIR));
  auto file = std::ifstream{path, std::ios::binary};
  if (!file)
    return failed(std::generic_category().message(errno));
  auto text = std::string(bytes_max + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad())
    return failed(std::generic_category().message(errno));
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > bytes_max)
    return failed("larger than " + format_bytes(bytes_max));
  return text;
}

} // namespace stravasync
