#include "adapters/secrets/token_cipher.hpp"

#include "messages/error.hpp"

#include <catch2/catch_test_macros.hpp>

#include <set>

using namespace stravasync;

namespace {

secrets::token_key make_key(std::uint8_t filler = 7) {
  auto bytes = std::array<std::uint8_t, secrets::token_key::size>{};
  bytes.fill(filler);
  return secrets::token_key{bytes};
}

struct cipher_fixture {
  std::unique_ptr<token_cipher> cipher = secrets::make_cipher(make_key());
};

} // namespace

TEST_CASE_METHOD(cipher_fixture, "what was sealed is opened") {
  for (const auto& plain :
       {std::string{}, std::string{"a"}, std::string{"\0\xff", 2},
        std::string(100'000, 't')}) {
    auto opened = cipher->open(cipher->seal(plain, "7"), "7");
    REQUIRE(opened);
    CHECK(*opened == plain);
  }
}

TEST_CASE_METHOD(cipher_fixture, "a sealed token does not show the token and "
                                 "is never the same twice") {
  auto seen = std::set<std::string>{};
  for (auto i = 0; i < 1'000; ++i) {
    auto sealed = cipher->seal("secret-token", "7");
    CHECK(sealed.find("secret") == std::string::npos);
    CHECK(seen.insert(sealed).second);
  }
}

TEST_CASE_METHOD(cipher_fixture, "a change of any bit is noticed") {
  auto sealed = cipher->seal("secret-token", "7");
  for (auto i = std::size_t{0}; i < sealed.size(); ++i) {
    for (auto bit = 0U; bit < 8; ++bit) {
      auto tampered = sealed;
      tampered[i] = static_cast<char>(static_cast<unsigned char>(sealed[i])
                                      ^ (1U << bit));
      auto opened = cipher->open(tampered, "7");
      REQUIRE_FALSE(opened);
      CHECK(code_of(opened.error()) == ec::malformed);
    }
  }
}

TEST_CASE_METHOD(cipher_fixture, "a token cut to any length is refused") {
  auto sealed = cipher->seal("secret-token", "7");
  for (auto size = std::size_t{0}; size < sealed.size(); ++size)
    CHECK_FALSE(cipher->open(sealed.substr(0, size), "7"));
  CHECK_FALSE(cipher->open(sealed + '\0', "7"));
}

TEST_CASE_METHOD(cipher_fixture, "a token moved to another athlete's row is "
                                 "refused") {
  auto sealed = cipher->seal("secret-token", "70000001");
  for (auto* other : {"70000002", "7000000", "", "700000011"})
    CHECK_FALSE(cipher->open(sealed, other));
}

TEST_CASE_METHOD(cipher_fixture, "another key opens nothing and signs "
                                 "differently") {
  auto other = secrets::make_cipher(make_key(8));
  auto opened = other->open(cipher->seal("secret-token", "7"), "7");
  REQUIRE_FALSE(opened);
  CHECK(code_of(opened.error()) == ec::malformed);
  CHECK(other->sign("state") != cipher->sign("state"));
}

TEST_CASE_METHOD(cipher_fixture, "the same key in another process opens and "
                                 "signs the same") {
  auto again = secrets::make_cipher(make_key());
  auto opened = again->open(cipher->seal("secret-token", "7"), "7");
  REQUIRE(opened);
  CHECK(*opened == "secret-token");
  CHECK(again->sign("state") == cipher->sign("state"));
}

TEST_CASE_METHOD(cipher_fixture, "a token sealed by an earlier release is "
                                 "opened") {
  // Written by the first release: format 1 must stay readable.
  constexpr auto earlier = std::string_view{
    "010fc4a77026a5656434fbbc6aeff61d65ffc99115c03d1e1ef4efce2d4e"
    "736e12beec884e037181af"};
  auto sealed = std::string{};
  for (auto i = std::size_t{0}; i < earlier.size(); i += 2)
    sealed += static_cast<char>(
      std::stoi(std::string{earlier.substr(i, 2)}, nullptr, 16));
  auto opened = cipher->open(sealed, "7");
  REQUIRE(opened);
  CHECK(*opened == "secret-token");
  CHECK(cipher->sign("state")
        == "d7bb68dc25b7a693c3c93a65d473efbe80c62d8e548dfe08756c8d0291c6e58f");
}

TEST_CASE_METHOD(cipher_fixture, "a signature is 64 hex digits of the whole "
                                 "text") {
  auto signature = cipher->sign("state");
  CHECK(signature.size() == 64);
  CHECK(signature.find_first_not_of("0123456789abcdef") == std::string::npos);
  CHECK(cipher->sign("statf") != signature);
  CHECK(cipher->sign("state ") != signature);
  CHECK(cipher->sign("") != signature);
}
