#include "adapters/jetstream/json.hpp"

#include "messages/error.hpp"

#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>

namespace stravasync::jetstream {

using simdjson::dom::element;

caf::expected<json_value> json_value::parse(std::string_view text) {
  json_value result;
  result.parser_ = std::make_shared<simdjson::dom::parser>();
  element root;
  if (result.parser_->parse(text.data(), text.size()).get(root)
      != simdjson::SUCCESS)
    return make_failure(ec::upstream_failed,
                        "NATS answered with what is not JSON");
  result.value_ = root;
  return result;
}

json_value json_value::at(std::string_view name) const {
  json_value result;
  element found;
  if (value_ && (*value_)[name].get(found) == simdjson::SUCCESS) {
    result.parser_ = parser_;
    result.value_ = found;
  }
  return result;
}

bool json_value::has(std::string_view name) const {
  return at(name).value_.has_value();
}

std::vector<json_value> json_value::items(std::string_view name) const {
  std::vector<json_value> result;
  auto list = at(name);
  simdjson::dom::array array;
  if (!list.value_ || list.value_->get(array) != simdjson::SUCCESS)
    return result;
  for (auto item : array) {
    json_value next;
    next.parser_ = parser_;
    next.value_ = item;
    result.push_back(std::move(next));
  }
  return result;
}

std::string json_value::as_text() const {
  std::string_view result;
  if (!value_ || value_->get(result) != simdjson::SUCCESS)
    return {};
  return std::string{result};
}

std::vector<std::string> json_value::names(std::string_view name) const {
  std::vector<std::string> result;
  auto found = at(name);
  simdjson::dom::object object;
  if (found.value_ && found.value_->get(object) == simdjson::SUCCESS)
    for (auto field : object)
      result.emplace_back(field.key);
  return result;
}

std::string json_value::text(std::string_view name) const {
  return at(name).as_text();
}

bool json_value::flag(std::string_view name) const {
  auto result = false;
  auto found = at(name);
  return found.value_ && found.value_->get(result) == simdjson::SUCCESS
         && result;
}

std::uint64_t json_value::number(std::string_view name) const {
  auto result = std::uint64_t{0};
  auto found = at(name);
  if (!found.value_ || found.value_->get(result) != simdjson::SUCCESS)
    return 0;
  return result;
}

std::string json_text(std::string_view text) {
  auto result = std::string{"\""};
  for (auto c : text) {
    if (c == '"' || c == '\\') {
      result += '\\';
      result += c;
    } else if (static_cast<unsigned char>(c) < ' ') {
      auto code = std::array<char, 7>{};
      std::snprintf(code.data(), code.size(), "\\u%04x",
                    static_cast<unsigned>(c));
      result += code.data();
    } else {
      result += c;
    }
  }
  return result += '"';
}

std::optional<std::string> from_base64(std::string_view text) {
  constexpr auto letters = std::string_view{
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"};
  constexpr auto values = [letters] {
    auto result = std::array<std::int8_t, 256>{};
    result.fill(-1);
    for (std::size_t i = 0; i < letters.size(); ++i)
      result.at(static_cast<unsigned char>(letters[i]))
        = static_cast<std::int8_t>(i);
    return result;
  }();
  while (text.ends_with('='))
    text.remove_suffix(1);
  std::string result;
  result.reserve(text.size() * 3 / 4);
  auto bits = std::uint32_t{0};
  auto have = 0U;
  for (auto c : text) {
    auto value = values.at(static_cast<unsigned char>(c));
    if (value < 0)
      return std::nullopt;
    bits = bits << 6U | static_cast<std::uint32_t>(value);
    have += 6;
    if (have >= 8) {
      have -= 8;
      result += static_cast<char>(bits >> have & 255U);
    }
  }
  return result;
}

unix_ms from_rfc3339(std::string_view text) {
  using namespace std::chrono;
  auto part = [&](std::size_t at, std::size_t size) {
    auto result = 0;
    if (at + size <= text.size())
      std::from_chars(text.data() + at, text.data() + at + size, result);
    return result;
  };
  if (text.size() < 20)
    return 0;
  auto day = sys_days{year{part(0, 4)} / part(5, 2) / part(8, 2)};
  auto time = hours{part(11, 2)} + minutes{part(14, 2)} + seconds{part(17, 2)};
  auto fraction = 0;
  auto scale = 100;
  if (text[19] == '.')
    for (auto i = std::size_t{20};
         i < text.size() && scale > 0 && text[i] >= '0' && text[i] <= '9';
         ++i, scale /= 10)
      fraction += (text[i] - '0') * scale;
  auto since = duration_cast<milliseconds>(day.time_since_epoch() + time);
  return since.count() + fraction;
}

std::string to_rfc3339(unix_ms time) {
  using namespace std::chrono;
  auto point = sys_time<milliseconds>{milliseconds{time}};
  auto day = floor<days>(point);
  auto date = year_month_day{day};
  auto rest = hh_mm_ss{point - day};
  auto text = std::array<char, 48>{};
  std::snprintf(
    text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ",
    static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
    static_cast<unsigned>(date.day()), static_cast<int>(rest.hours().count()),
    static_cast<int>(rest.minutes().count()),
    static_cast<int>(rest.seconds().count()),
    static_cast<int>(rest.subseconds().count()));
  return text.data();
}

} // namespace stravasync::jetstream
