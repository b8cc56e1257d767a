#include "adapters/secrets/primitives.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <vector>

using namespace stravasync::secrets;

namespace {

std::vector<std::uint8_t> from_hex(std::string_view digits) {
  auto bytes = std::vector<std::uint8_t>{};
  for (auto i = std::size_t{0}; i < digits.size(); i += 2)
    bytes.push_back(static_cast<std::uint8_t>(
      std::stoi(std::string{digits.substr(i, 2)}, nullptr, 16)));
  return bytes;
}

template <std::size_t N>
std::array<std::uint8_t, N> fixed(std::string_view digits) {
  auto bytes = from_hex(digits);
  REQUIRE(bytes.size() == N);
  auto result = std::array<std::uint8_t, N>{};
  std::copy(bytes.begin(), bytes.end(), result.begin());
  return result;
}

std::string text_from_hex(std::string_view digits) {
  auto bytes = from_hex(digits);
  return {bytes.begin(), bytes.end()};
}

/// A test case of McGrew and Viega, "The Galois/Counter Mode of Operation",
/// appendix B, with a key of 256 bits.
struct gcm_vector {
  const char* key;
  const char* nonce;
  const char* authenticated;
  const char* plain;
  const char* sealed; // Ciphertext and tag.
};

constexpr auto zero_key
  = "0000000000000000000000000000000000000000000000000000000000000000";

constexpr auto gcm_vectors = std::to_array<gcm_vector>({
  // 13
  {zero_key, "000000000000000000000000", "", "",
   "530f8afbc74536b9a963b4f1c4cb738b"},
  // 14
  {zero_key, "000000000000000000000000", "", "00000000000000000000000000000000",
   "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919"},
  // 16
  {"feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
   "cafebabefacedbaddecaf888", "feedfacedeadbeeffeedfacedeadbeefabaddad2",
   "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
   "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
   "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
   "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
   "76fc6ece0f4e1768cddf8853bb2d551b"},
});

} // namespace

TEST_CASE("AES-256-GCM gives the published results") {
  for (const auto& vector : gcm_vectors) {
    auto key = fixed<32>(vector.key);
    auto nonce = fixed<nonce_size>(vector.nonce);
    auto authenticated = from_hex(vector.authenticated);
    auto plain = text_from_hex(vector.plain);
    auto sealed = gcm_seal(key, nonce, authenticated, plain);
    CHECK(to_hex(bytes_of(sealed)) == vector.sealed);
    CHECK(gcm_open(key, nonce, authenticated, sealed) == plain);
  }
}

TEST_CASE("HMAC-SHA256 gives the results of RFC 4231") {
  auto key = std::vector<std::uint8_t>(20, 0x0b);
  CHECK(to_hex(hmac_sha256(key, bytes_of("Hi There")))
        == "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  CHECK(to_hex(hmac_sha256(bytes_of("Jefe"),
                           bytes_of("what do ya want for nothing?")))
        == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  auto long_key = std::vector<std::uint8_t>(131, 0xaa);
  CHECK(to_hex(hmac_sha256(long_key,
                           bytes_of("Test Using Larger Than Block-Size Key - "
                                    "Hash Key First")))
        == "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST_CASE("HKDF-SHA256 gives the results of RFC 5869") {
  auto secret = std::vector<std::uint8_t>(22, 0x0b);
  CHECK(to_hex(hkdf_sha256(secret, from_hex("000102030405060708090a0b0c"),
                           from_hex("f0f1f2f3f4f5f6f7f8f9")))
        == "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf");
  CHECK(to_hex(hkdf_sha256(secret, {}, {}))
        == "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d");
}
