#include "config/secret_reference.hpp"

#include "config/text_file.hpp"
#include "messages/error.hpp"

namespace stravasync {

namespace {

/// A secret is short; whatever is longer is not one.
constexpr auto file_bytes_max = std::size_t{64} * 1024;

caf::error wrong(std::string detail) {
  return make_failure(ec::invalid_argument, std::move(detail));
}

caf::expected<std::string> read_secret(const std::string& path) {
  auto text = read_text_file(path, file_bytes_max);
  if (!text)
    return text;
  if (text->ends_with('\n'))
    text->pop_back();
  if (text->ends_with('\r'))
    text->pop_back();
  if (text->empty())
    return wrong(path + " is empty");
  return text;
}

} // namespace

caf::expected<std::string>
resolve_secret(std::string_view text, bool plain_allowed,
               const environment& variables) {
  constexpr auto variable = std::string_view{"env:"};
  constexpr auto file = std::string_view{"file:"};
  if (text.empty())
    return std::string{};
  if (text.starts_with(variable)) {
    auto name = text.substr(variable.size());
    auto found = variables.find(name);
    if (found == variables.end() || found->second.empty())
      return wrong("environment variable " + std::string{name} + " is not set");
    return found->second;
  }
  if (text.starts_with(file))
    return read_secret(std::string{text.substr(file.size())});
  if (text.starts_with("vault:"))
    return wrong("vault: needs the Vault adapter, which this build does not "
                 "have");
  if (!plain_allowed)
    return wrong("a secret must not be written here");
  return std::string{text};
}

} // namespace stravasync
