#include "adapters/strava_sim/token_book.hpp"

#include <catch2/catch_test_macros.hpp>

#include <set>

using namespace stravasync::strava_sim;

namespace {

constexpr std::int64_t now = 1'800'000'000;
constexpr std::int64_t hour = 3'600;

issued_tokens tokens(const token_book::result& result) {
  REQUIRE(std::holds_alternative<issued_tokens>(result));
  return std::get<issued_tokens>(result);
}

token_refusal refusal(const token_book::result& result) {
  REQUIRE(std::holds_alternative<token_refusal>(result));
  return std::get<token_refusal>(result);
}

issued_tokens connect(token_book& book, std::int64_t athlete_id = 1) {
  auto code = book.issue_code("7", athlete_id, {"read"}, now);
  return tokens(book.exchange(code, "7", now));
}

} // namespace

TEST_CASE("codes and tokens are forty hex digits and all different") {
  auto book = token_book{};
  auto seen = std::set<std::string>{};
  for (auto i = 1; i <= 50; ++i) {
    auto issued = connect(book, i);
    seen.insert({issued.access_token, issued.refresh_token});
    CHECK(issued.access_token.size() == 40);
    CHECK(issued.access_token.find_first_not_of("0123456789abcdef")
          == std::string::npos);
  }
  CHECK(seen.size() == 100);
}

TEST_CASE("a code works once") {
  auto book = token_book{};
  auto code = book.issue_code("7", 1, {"read"}, now);
  CHECK(tokens(book.exchange(code, "7", now)).expires_s == now + 6 * hour);
  CHECK(refusal(book.exchange(code, "7", now)) == token_refusal::code_invalid);
}

TEST_CASE("a code is for the client it was given to, and for minutes") {
  auto book = token_book{};
  auto code = book.issue_code("7", 1, {"read"}, now);
  CHECK(refusal(book.exchange(code, "8", now)) == token_refusal::code_invalid);
  CHECK(refusal(book.exchange(code, "7", now + 300))
        == token_refusal::code_expired);
}

TEST_CASE("with more than an hour left a refresh gives the same tokens") {
  auto book = token_book{};
  auto first = connect(book);
  auto again
    = tokens(book.refresh(first.refresh_token, "7", now + 5 * hour - 1));
  CHECK_FALSE(again.renewed);
  CHECK(again.access_token == first.access_token);
  CHECK(again.refresh_token == first.refresh_token);
  CHECK(again.expires_s == first.expires_s);
}

TEST_CASE("with an hour or less left a refresh gives new tokens") {
  auto book = token_book{};
  auto first = connect(book);
  auto later = now + 5 * hour;
  auto next = tokens(book.refresh(first.refresh_token, "7", later));
  CHECK(next.renewed);
  CHECK(next.access_token != first.access_token);
  CHECK(next.refresh_token != first.refresh_token);
  CHECK(next.expires_s == later + 6 * hour);
  SECTION("both access tokens work until they expire") {
    CHECK(book.find(first.access_token, later + hour - 1).has_value());
    CHECK(book.find(next.access_token, later).has_value());
    CHECK_FALSE(book.find(first.access_token, later + hour).has_value());
    CHECK(book.find(next.access_token, later + hour).has_value());
  }
  SECTION("the old refresh token is dead at once") {
    CHECK(refusal(book.refresh(first.refresh_token, "7", later))
          == token_refusal::refresh_token_invalid);
    CHECK(tokens(book.refresh(next.refresh_token, "7", later)).access_token
          == next.access_token);
  }
}

TEST_CASE("an access token is no refresh token and the reverse") {
  auto book = token_book{};
  auto issued = connect(book);
  CHECK(refusal(book.refresh(issued.access_token, "7", now))
        == token_refusal::refresh_token_invalid);
  CHECK_FALSE(book.find(issued.refresh_token, now).has_value());
}

TEST_CASE("consenting again ends the refresh token from before") {
  auto book = token_book{};
  auto first = connect(book);
  auto second = connect(book);
  CHECK(refusal(book.refresh(first.refresh_token, "7", now))
        == token_refusal::refresh_token_invalid);
  CHECK(book.find(first.access_token, now).has_value());
  CHECK(book.find(second.access_token, now).has_value());
  CHECK(book.grants_of(1) == 1);
}

TEST_CASE("revoking an athlete ends all tokens of that athlete only") {
  auto book = token_book{};
  auto first = connect(book, 1);
  auto other = connect(book, 2);
  CHECK(book.revoke_athlete(1) == 1);
  CHECK_FALSE(book.find(first.access_token, now).has_value());
  CHECK(refusal(book.refresh(first.refresh_token, "7", now))
        == token_refusal::refresh_token_invalid);
  CHECK(book.find(other.access_token, now).has_value());
  CHECK(book.revoke_athlete(1) == 0);
}

TEST_CASE("revoking either token ends both") {
  auto book = token_book{};
  auto first = connect(book, 1);
  auto second = connect(book, 2);
  book.revoke_token(first.refresh_token);
  book.revoke_token(second.access_token);
  book.revoke_token("unknown");
  CHECK_FALSE(book.find(first.access_token, now).has_value());
  CHECK(refusal(book.refresh(second.refresh_token, "7", now))
        == token_refusal::refresh_token_invalid);
}

TEST_CASE("what the book tells is enough to make it again") {
  auto book = token_book{};
  auto copy = token_book{};
  book.on_grant = [&copy](const grant& what) { copy.restore(what); };
  book.on_code = [&copy](const authorization_code& what) {
    copy.restore(what);
  };
  auto first = connect(book, 1);
  auto gone = connect(book, 2);
  auto open_code = book.issue_code("7", 3, {"read"}, now);
  book.revoke_athlete(2);
  auto later = now + 5 * hour;
  auto next = tokens(book.refresh(first.refresh_token, "7", later));
  CHECK(copy.find(first.access_token, later).has_value());
  CHECK(copy.find(next.access_token, later).has_value());
  CHECK_FALSE(copy.find(gone.access_token, now).has_value());
  CHECK(refusal(copy.refresh(first.refresh_token, "7", later))
        == token_refusal::refresh_token_invalid);
  CHECK(tokens(copy.exchange(open_code, "7", now)).athlete_id == 3);
}
