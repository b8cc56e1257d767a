#include "adapters/secrets/token_cipher.hpp"

#include "adapters/secrets/primitives.hpp"
#include "messages/error.hpp"

#include <openssl/crypto.h>

namespace stravasync::secrets {

namespace {

constexpr auto format = char{1};

/// What is authenticated with the ciphertext.
std::string authenticated(std::string_view bound_to) {
  return format + std::string{bound_to};
}

class gcm_cipher final : public token_cipher {
public:
  explicit gcm_cipher(const token_key& key)
    : seal_key_{hkdf_sha256(key.bytes(), {}, bytes_of("stravasync seal v1"))},
      sign_key_{hkdf_sha256(key.bytes(), {}, bytes_of("stravasync sign v1"))} {
    // nop
  }

  gcm_cipher(const gcm_cipher&) = delete;
  gcm_cipher& operator=(const gcm_cipher&) = delete;

  ~gcm_cipher() override {
    OPENSSL_cleanse(seal_key_.data(), seal_key_.size());
    OPENSSL_cleanse(sign_key_.data(), sign_key_.size());
  }

  std::string
  seal(std::string_view plain, std::string_view bound_to) const override {
    auto nonce = std::array<std::uint8_t, nonce_size>{};
    fill_random(nonce);
    auto sealed = std::string{format};
    sealed.append(nonce.begin(), nonce.end());
    return sealed
           + gcm_seal(seal_key_, nonce, bytes_of(authenticated(bound_to)),
                      plain);
  }

  caf::expected<std::string>
  open(std::string_view sealed, std::string_view bound_to) const override {
    if (sealed.size() < 1 + nonce_size + tag_size)
      return make_failure(ec::malformed, "the sealed token is cut short");
    if (sealed.front() != format)
      return make_failure(ec::malformed,
                          "the sealed token has an unknown format");
    auto nonce = bytes_of(sealed.substr(1, nonce_size)).first<nonce_size>();
    auto plain = gcm_open(seal_key_, nonce, bytes_of(authenticated(bound_to)),
                          sealed.substr(1 + nonce_size));
    if (!plain)
      return make_failure(ec::malformed,
                          "the sealed token is damaged, not this athlete's or "
                          "sealed with another key");
    return std::move(*plain);
  }

  std::string sign(std::string_view text) const override {
    return to_hex(hmac_sha256(sign_key_, bytes_of(text)));
  }

private:
  bytes_32 seal_key_;
  bytes_32 sign_key_;
};

} // namespace

std::unique_ptr<token_cipher> make_cipher(const token_key& key) {
  return std::make_unique<gcm_cipher>(key);
}

} // namespace stravasync::secrets
