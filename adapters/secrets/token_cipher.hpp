#pragma once

#include "actors/ports/token_cipher.hpp"
#include "adapters/secrets/token_key.hpp"

#include <memory>

namespace stravasync::secrets {

/// AES-256-GCM. Sealed bytes: format (1 byte, 0x01), nonce (12, random),
/// ciphertext, tag (16); the format byte and `bound_to` are authenticated with
/// them. Sealing and signing use two keys derived from `key` (HKDF-SHA256).
/// Random nonces are safe for 2^32 seals with one key (NIST SP 800-38D, 8.3).
/// If the random generator or memory fails, the process is ended: there is no
/// safe way to go on, and a restart finds the tokens as they were.
[[nodiscard]] std::unique_ptr<token_cipher> make_cipher(const token_key& key);

} // namespace stravasync::secrets
