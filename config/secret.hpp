#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace stravasync {

/// A value that must not be printed. It has no stream operator and no
/// conversion on purpose: who needs the text says `reveal`.
class secret {
public:
  secret() = default;

  explicit secret(std::string value) : value_{std::move(value)} {
  }

  [[nodiscard]] bool empty() const {
    return value_.empty();
  }

  [[nodiscard]] const std::string& reveal() const {
    return value_;
  }

private:
  std::string value_;
};

} // namespace stravasync
