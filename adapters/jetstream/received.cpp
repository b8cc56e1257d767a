#include "adapters/jetstream/received.hpp"

#include "adapters/jetstream/handles.hpp"
#include "adapters/jetstream/header_values.hpp"

#include <charconv>
#include <span>

namespace stravasync::jetstream {

namespace {

std::string_view view_of(const char* text) {
  return text == nullptr ? std::string_view{} : std::string_view{text};
}

} // namespace

received::received(natsMsg* owned) : message_(owned, natsMsg_Destroy) {
}

std::string_view received::subject() const {
  return view_of(natsMsg_GetSubject(message_.get()));
}

std::string_view received::reply() const {
  return view_of(natsMsg_GetReply(message_.get()));
}

std::string_view received::data() const {
  auto size = natsMsg_GetDataLength(message_.get());
  if (size <= 0)
    return {};
  return {natsMsg_GetData(message_.get()), static_cast<std::size_t>(size)};
}

std::string received::header(const char* name) const {
  const char* value = nullptr;
  if (natsMsgHeader_Get(message_.get(), name, &value) != NATS_OK)
    return {};
  return std::string{view_of(value)};
}

int received::status() const {
  auto text = header("Status");
  auto result = 0;
  std::from_chars(text.data(), text.data() + text.size(), result);
  return result;
}

header_map received::headers() const {
  header_map result;
  const char** keys = nullptr;
  auto count = 0;
  if (natsMsgHeader_Keys(message_.get(), &keys, &count) != NATS_OK)
    return result;
  auto owner = malloc_handle<const char*>{keys};
  for (const auto* key : std::span{keys, static_cast<std::size_t>(count)})
    result.emplace(key, decoded_value(header(key)));
  return result;
}

} // namespace stravasync::jetstream
