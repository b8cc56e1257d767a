#pragma once

#include <caf/expected.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace stravasync {

/// Seals tokens so that a copy of the database alone gives no access.
/// Thread-safe; does not block.
class token_cipher {
public:
  virtual ~token_cipher() = default;

  /// @param bound_to Text that must be given again to open it (the athlete's
  /// id), so that a sealed token cannot be moved to another row.
  [[nodiscard]] virtual std::string
  seal(std::string_view plain, std::string_view bound_to) const = 0;

  /// Fails with `ec::malformed`: not sealed with this key, not for `bound_to`,
  /// or damaged.
  [[nodiscard]] virtual caf::expected<std::string>
  open(std::string_view sealed, std::string_view bound_to) const = 0;

  /// A keyed digest of `text` (HMAC-SHA256, hex): signs what a browser carries
  /// for us (OAuth state, cursors).
  [[nodiscard]] virtual std::string sign(std::string_view text) const = 0;
};

/// Compares signatures in a time that does not tell how much of one is right.
[[nodiscard]] constexpr bool
same_signature(std::string_view a, std::string_view b) {
  if (a.size() != b.size())
    return false;
  auto different = 0;
  for (auto i = std::size_t{0}; i < a.size(); ++i)
    different |= a[i] ^ b[i];
  return different == 0;
}

} // namespace stravasync
