#include "adapters/secrets/token_key.hpp"

#include "adapters/secrets/primitives.hpp"
#include "messages/error.hpp"
#include "messages/trimmed.hpp"

#include <openssl/crypto.h>

#include <algorithm>

namespace stravasync::secrets {

namespace {

constexpr auto alphabet = std::string_view{"ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                           "abcdefghijklmnopqrstuvwxyz"
                                           "0123456789+/"};
constexpr auto blanks = std::string_view{" \t\r\n"};

caf::error no_key(std::string detail) {
  return make_failure(ec::invalid_argument,
                      "the token key " + std::move(detail));
}

} // namespace

token_key::token_key(std::span<const std::uint8_t, size> bytes) {
  std::copy(bytes.begin(), bytes.end(), bytes_.begin());
}

token_key::~token_key() {
  OPENSSL_cleanse(bytes_.data(), bytes_.size());
}

caf::expected<token_key> parse_key(std::string_view base64) {
  auto text = trimmed(base64);
  if (text.empty())
    return no_key("is empty; it takes 32 bytes in base64");
  // Padding says nothing that the length does not.
  while (text.ends_with('='))
    text.remove_suffix(1);
  auto decoded = std::string{};
  auto pending = std::uint32_t{0};
  auto bits = 0U;
  for (auto i = std::size_t{0}; i < text.size(); ++i) {
    auto value = alphabet.find(text[i]);
    if (value == std::string_view::npos)
      return no_key("is not base64: character " + std::to_string(i + 1)
                    + " is none of A-Z a-z 0-9 + /");
    pending = pending << 6U | static_cast<std::uint32_t>(value);
    bits += 6;
    if (bits < 8)
      continue;
    bits -= 8;
    decoded += static_cast<char>(pending >> bits & 0xffU);
  }
  // What is left over must be no part of a byte.
  if (bits >= 6 || (pending & ((1U << bits) - 1U)) != 0)
    return no_key("is not base64: it ends in the middle of a byte");
  if (decoded.size() != token_key::size)
    return no_key("has " + std::to_string(decoded.size())
                  + " bytes instead of 32");
  auto key = token_key{bytes_of(decoded).first<token_key::size>()};
  OPENSSL_cleanse(decoded.data(), decoded.size());
  return key;
}

std::string key_fingerprint(const token_key& key) {
  constexpr auto shown = std::size_t{8};
  auto digest = hkdf_sha256(key.bytes(), {},
                            bytes_of("stravasync fingerprint v1"));
  return to_hex(byte_span{digest}.first(shown));
}

} // namespace stravasync::secrets
