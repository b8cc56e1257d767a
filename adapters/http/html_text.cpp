#include "adapters/http/html_text.hpp"

namespace stravasync::http {

std::string html_escaped(std::string_view text) {
  auto result = std::string{};
  for (auto c : text)
    switch (c) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      case '\'':
        result += "&#39;";
        break;
      default:
        result += c;
    }
  return result;
}

} // namespace stravasync::http
