#pragma once

#include "actors/ports/log.hpp"

namespace test {

/// Drops what it is told.
class silent_log final : public stravasync::log {
public:
  void write(stravasync::log_level, std::string_view,
             std::initializer_list<stravasync::log_field>) override {
  }
};

} // namespace test
