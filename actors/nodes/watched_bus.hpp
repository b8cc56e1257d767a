#pragma once

#include "actors/nodes/health_record.hpp"
#include "actors/ports/bus.hpp"

#include <functional>
#include <memory>
#include <string>

namespace stravasync {

/// Parts of a health record that are about the bus.
inline constexpr auto streams_part = "streams";
inline constexpr auto buckets_part = "buckets";

/// @returns how the record names a stream as such, what is published to it,
/// what is written to a bucket, and what is read of it: what may be read may be
/// closed to writes.
[[nodiscard]] std::string stream_thing(const std::string& stream);
[[nodiscard]] std::string publishing_thing(const std::string& stream);
[[nodiscard]] std::string bucket_thing(const std::string& bucket);
[[nodiscard]] std::string reading_thing(const std::string& bucket);

/// @returns whether the error says that the bus does not do its work, rather
/// than what it thinks of this call.
[[nodiscard]] bool is_bus_trouble(const caf::error& why);

/// @returns `inner`, with the outcome of what is published and of what is done
/// to buckets written into `record`. What fails because the connection is lost
/// says nothing of streams or buckets and is left out.
/// @param connected Called on any thread.
[[nodiscard]] std::shared_ptr<bus>
watch_bus(std::shared_ptr<bus> inner, health_record record,
          std::function<bool()> connected);

} // namespace stravasync
