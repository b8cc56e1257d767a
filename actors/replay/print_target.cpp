#include "actors/replay/print_target.hpp"

#include "messages/describe.hpp"
#include "messages/error.hpp"
#include "messages/printable.hpp"

#include <utility>

namespace stravasync {

std::string indented(std::string_view json) {
  std::string result;
  auto depth = std::size_t{0};
  auto in_text = false;
  auto new_line = [&] { result += "\n" + std::string(depth * 2, ' '); };
  for (auto i = std::size_t{0}; i < json.size(); ++i) {
    auto c = json[i];
    auto following = i + 1 < json.size() ? json[i + 1] : '\0';
    if (in_text) {
      result += c;
      if (c == '\\' && following != '\0')
        result += json[++i];
      else if (c == '"')
        in_text = false;
    } else if (c == '{' || c == '[') {
      result += c;
      if (following == '}' || following == ']') {
        result += json[++i];
      } else {
        ++depth;
        new_line();
      }
    } else if (c == '}' || c == ']') {
      depth -= depth > 0 ? 1 : 0;
      new_line();
      result += c;
    } else {
      result += c;
      in_text = c == '"';
      if (c == ',')
        new_line();
      else if (c == ':')
        result += ' ';
    }
  }
  return result;
}

print_target::print_target(std::string stream, bool pretty, text_sink out)
  : stream_{std::move(stream)},
    pretty_{pretty},
    out_{std::move(out)} {
}

caf::expected<bool> print_target::take(const stored_message& what) {
  auto line = printable(describe_message(
    what.message, {stream_, what.sequence, what.stored_at_ms}));
  if (out_((pretty_ ? indented(line) : line) + "\n"))
    return true;
  return make_failure(ec::unavailable, "standard output cannot be written");
}

} // namespace stravasync
