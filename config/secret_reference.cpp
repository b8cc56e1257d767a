#include "config/secret_reference.hpp"

#include "config/text_file.hpp"
#include "messages/error.hpp"
#include "messages/trimmed.hpp"

namespace stravasync {

namespace {

/// A secret is short; whatever is longer is not one.
constexpr auto secret_bytes_max = std::size_t{64} * 1024;

caf::expected<std::string> read_secret(const std::string& path) {
  auto text = read_text_file(path, secret_bytes_max);
  if (!text)
    return text;
  auto found = std::string{trimmed(*text)};
  if (found.empty())
    return invalid(path + " is empty");
  if (is_quoted(found))
    return invalid("the text in " + path + " is in quotes: write it without");
  return found;
}

} // namespace

bool is_quoted(std::string_view text) {
  return text.size() >= 2 && text.front() == text.back()
         && (text.front() == '"' || text.front() == '\'');
}

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
      return invalid("environment variable " + std::string{name}
                     + " is not set");
    if (is_quoted(found->second))
      return invalid("environment variable " + std::string{name}
                     + " is in quotes: give it without");
    return found->second;
  }
  if (text.starts_with(file))
    return read_secret(std::string{text.substr(file.size())});
  if (text.starts_with("vault:"))
    return invalid("vault: needs the Vault adapter, which this build does not "
                   "have");
  if (!plain_allowed)
    return invalid("a secret must not be written here");
  return std::string{text};
}

} // namespace stravasync
