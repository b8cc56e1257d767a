#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

/// @file
/// OpenSSL's algorithms as functions. Private to the adapter. What can only
/// fail for want of memory or randomness ends the process.

namespace stravasync::secrets {

using bytes_32 = std::array<std::uint8_t, 32>;
using byte_span = std::span<const std::uint8_t>;

inline constexpr auto nonce_size = std::size_t{12};
inline constexpr auto tag_size = std::size_t{16};

/// @returns the text's bytes, without a copy.
[[nodiscard]] byte_span bytes_of(std::string_view text);

[[nodiscard]] std::string to_hex(byte_span bytes);

void fill_random(std::span<std::uint8_t> out);

/// RFC 2104 with SHA-256.
[[nodiscard]] bytes_32 hmac_sha256(byte_span key, byte_span text);

/// RFC 5869 with SHA-256, 32 bytes of output.
[[nodiscard]] bytes_32
hkdf_sha256(byte_span secret, byte_span salt, byte_span info);

/// AES-256-GCM (NIST SP 800-38D). @returns ciphertext and tag.
[[nodiscard]] std::string
gcm_seal(const bytes_32& key, std::span<const std::uint8_t, nonce_size> nonce,
         byte_span authenticated, std::string_view plain);

/// @param sealed Ciphertext and tag. @returns the plain text, or nothing if it
/// was not sealed so.
[[nodiscard]] std::optional<std::string>
gcm_open(const bytes_32& key, std::span<const std::uint8_t, nonce_size> nonce,
         byte_span authenticated, std::string_view sealed);

} // namespace stravasync::secrets
