#pragma once

#include <cstdint>

namespace stravasync {

inline constexpr auto ms_per_s = std::int64_t{1'000};
inline constexpr auto day_ms = std::int64_t{86'400'000};

} // namespace stravasync
