#include "adapters/secrets/primitives.hpp"

#include "messages/text/hex.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <cstdlib>
#include <memory>
#include <vector>

namespace stravasync::secrets {

namespace {

struct cipher_context_deleter {
  void operator()(EVP_CIPHER_CTX* context) const {
    EVP_CIPHER_CTX_free(context);
  }
};

using cipher_context = std::unique_ptr<EVP_CIPHER_CTX, cipher_context_deleter>;

/// These calls fail only if OpenSSL is broken or memory is out.
void require(bool done) {
  if (!done)
    std::abort();
}

int length_of(std::size_t size) {
  return static_cast<int>(size);
}

std::uint8_t* writable(std::string& text) {
  return reinterpret_cast<std::uint8_t*>(text.data());
}

} // namespace

byte_span bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

std::string to_hex(byte_span bytes) {
  auto result = std::string{};
  result.reserve(bytes.size() * 2);
  for (auto byte : bytes)
    append_hex(result, byte);
  return result;
}

void fill_random(std::span<std::uint8_t> out) {
  require(RAND_bytes(out.data(), length_of(out.size())) == 1);
}

bytes_32 hmac_sha256(byte_span key, byte_span text) {
  auto result = bytes_32{};
  auto size = static_cast<unsigned>(result.size());
  require(HMAC(EVP_sha256(), key.data(), length_of(key.size()), text.data(),
               text.size(), result.data(), &size)
          != nullptr);
  return result;
}

bytes_32 hkdf_sha256(byte_span secret, byte_span salt, byte_span info) {
  constexpr auto no_salt = bytes_32{};
  auto extracted = hmac_sha256(salt.empty() ? byte_span{no_salt} : salt,
                               secret);
  // One block of output is all that 32 bytes take.
  auto expanded = std::vector<std::uint8_t>(info.begin(), info.end());
  expanded.push_back(1);
  return hmac_sha256(extracted, expanded);
}

std::string
gcm_seal(const bytes_32& key, std::span<const std::uint8_t, nonce_size> nonce,
         byte_span authenticated, std::string_view plain) {
  auto context = cipher_context{EVP_CIPHER_CTX_new()};
  auto* ctx = context.get();
  auto written = 0;
  auto result = std::string(plain.size() + tag_size, '\0');
  // GCM with a nonce of 12 bytes is OpenSSL's default.
  require(EVP_EncryptInit_ex(ctx, EVP_aes_256_gcm(), nullptr, key.data(),
                             nonce.data())
          == 1);
  require(EVP_EncryptUpdate(ctx, nullptr, &written, authenticated.data(),
                            length_of(authenticated.size()))
          == 1);
  require(EVP_EncryptUpdate(ctx, writable(result), &written,
                            bytes_of(plain).data(), length_of(plain.size()))
          == 1);
  require(EVP_EncryptFinal_ex(ctx, writable(result) + written, &written) == 1);
  require(EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_GET_TAG, length_of(tag_size),
                              writable(result) + plain.size())
          == 1);
  return result;
}

std::optional<std::string>
gcm_open(const bytes_32& key, std::span<const std::uint8_t, nonce_size> nonce,
         byte_span authenticated, std::string_view sealed) {
  if (sealed.size() < tag_size)
    return std::nullopt;
  auto size = sealed.size() - tag_size;
  auto tag = std::string{sealed.substr(size)};
  auto context = cipher_context{EVP_CIPHER_CTX_new()};
  auto* ctx = context.get();
  auto written = 0;
  auto result = std::string(size, '\0');
  require(EVP_DecryptInit_ex(ctx, EVP_aes_256_gcm(), nullptr, key.data(),
                             nonce.data())
          == 1);
  require(EVP_DecryptUpdate(ctx, nullptr, &written, authenticated.data(),
                            length_of(authenticated.size()))
          == 1);
  require(EVP_DecryptUpdate(ctx, writable(result), &written,
                            bytes_of(sealed).data(), length_of(size))
          == 1);
  require(EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_SET_TAG, length_of(tag_size),
                              tag.data())
          == 1);
  if (EVP_DecryptFinal_ex(ctx, writable(result) + written, &written) != 1)
    return std::nullopt;
  return result;
}

} // namespace stravasync::secrets
