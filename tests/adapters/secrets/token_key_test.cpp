#include "adapters/secrets/token_key.hpp"

#include "messages/error.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>

using namespace stravasync;
using secrets::parse_key;

namespace {

// The bytes 0 to 31.
constexpr auto counting = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

std::string problem_with(std::string_view text) {
  auto key = parse_key(text);
  REQUIRE_FALSE(key);
  CHECK(code_of(key.error()) == ec::invalid_argument);
  return detail_of(key.error());
}

} // namespace

TEST_CASE("a key is 32 bytes in base64") {
  auto key = parse_key(counting);
  REQUIRE(key);
  for (auto i = std::size_t{0}; i < secrets::token_key::size; ++i)
    CHECK(key->bytes()[i] == i);
}

TEST_CASE("a key may lack padding and be surrounded by white space") {
  auto expected = parse_key(counting);
  REQUIRE(expected);
  for (const auto& text :
       {std::string{counting} + "\r\n", " \t" + std::string{counting} + " ",
        "\xEF\xBB\xBF" + std::string{counting} + "\n",
        std::string{counting}.substr(0, 43)}) {
    auto key = parse_key(text);
    REQUIRE(key);
    CHECK(std::ranges::equal(key->bytes(), expected->bytes()));
  }
}

TEST_CASE("a text that is no key is refused with the reason and without the "
          "text") {
  CHECK(problem_with("")
        == "the token key is empty; it takes 32 bytes in "
           "base64");
  CHECK(problem_with("c2VjcmV0") == "the token key has 6 bytes instead of 32");
  CHECK(problem_with("pass-word")
        == "the token key is not base64: character 5 is none of A-Z a-z 0-9 + "
           "/");
  CHECK(problem_with(std::string{counting}.substr(0, 41))
        == "the token key is not base64: it ends in the middle of a byte");
  CHECK(problem_with("QUJD" + std::string{counting})
        == "the token key has 35 bytes instead of 32");
  // The last character's unused bits are set.
  CHECK(problem_with("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh9=")
        == "the token key is not base64: it ends in the middle of a byte");
}

TEST_CASE("a fingerprint tells keys apart and stays the same") {
  auto key = parse_key(counting);
  auto other = parse_key("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh4=");
  REQUIRE(key);
  REQUIRE(other);
  CHECK(secrets::key_fingerprint(*key) == "a33196051954af74");
  CHECK(secrets::key_fingerprint(*other) != secrets::key_fingerprint(*key));
}
