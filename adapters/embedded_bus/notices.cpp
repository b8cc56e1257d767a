#include "adapters/embedded_bus/notices.hpp"

#include <charconv>
#include <string_view>
#include <utility>

namespace stravasync::embedded_bus {

namespace {

constexpr auto stream_header = "Stream";
constexpr auto durable_header = "Durable";
constexpr auto sequence_header = "Sequence";
constexpr auto delivered_header = "Delivered";

template <class T>
T number(std::string_view text) {
  T result = 0;
  std::from_chars(text.data(), text.data() + text.size(), result);
  return result;
}

} // namespace

envelope to_notice(const exhausted_delivery& what) {
  envelope result;
  result.headers = {{stream_header, what.stream},
                    {durable_header, what.durable},
                    {sequence_header, std::to_string(what.sequence)},
                    {delivered_header, std::to_string(what.delivered)}};
  return result;
}

exhausted_delivery from_notice(delivery what) {
  const auto& from = what.message;
  exhausted_delivery result;
  result.stream = from.header_or_empty(stream_header);
  result.durable = from.header_or_empty(durable_header);
  result.sequence
    = number<std::uint64_t>(from.header_or_empty(sequence_header));
  result.delivered
    = number<std::uint32_t>(from.header_or_empty(delivered_header));
  result.token = std::move(what.token);
  return result;
}

} // namespace stravasync::embedded_bus
