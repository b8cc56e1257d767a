#pragma once

#include <caf/expected.hpp>

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace stravasync::secrets {

/// The secret that stored tokens are sealed with: 32 random bytes, the same on
/// every node that has the database. Wiped from memory at its end.
class token_key {
public:
  static constexpr auto size = std::size_t{32};

  explicit token_key(std::span<const std::uint8_t, size> bytes);
  token_key(const token_key&) = default;
  token_key& operator=(const token_key&) = default;
  ~token_key();

  [[nodiscard]] std::span<const std::uint8_t, size> bytes() const {
    return bytes_;
  }

private:
  std::array<std::uint8_t, size> bytes_ = {};
};

/// @param base64 44 characters (RFC 4648, section 4); the `=` at the end may be
/// left out, a byte order mark and white space around may be there. Fails with
/// `ec::invalid_argument`; the detail says what is wrong and never holds the
/// text.
[[nodiscard]] caf::expected<token_key> parse_key(std::string_view base64);

/// Reads the key from a file, or makes the file (mode 0600, synced to disk)
/// with a new random key; of several processes that do so at once, all get the
/// key of one of them. Blocks. Fails with `ec::unavailable` (no access, no
/// room), `ec::invalid_argument` (the file holds no key) and `ec::denied`: a
/// file that its group or others may read is refused, since the key in it may
/// be known already.
[[nodiscard]] caf::expected<token_key>
load_or_create_key(const std::string& path);

/// @returns 16 hex digits that tell keys apart and say nothing about them: kept
/// in the database, so that a start with another key is noticed before it
/// fails to open tokens.
[[nodiscard]] std::string key_fingerprint(const token_key& key);

} // namespace stravasync::secrets
