#include "actors/api/records.hpp"

#include "actors/api/oauth_state.hpp"
#include "actors/api/sport_types.hpp"
#include "adapters/secrets/token_cipher.hpp"
#include "messages/error.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <array>

using namespace stravasync;

namespace {

std::unique_ptr<token_cipher> cipher_with(std::uint8_t byte) {
  std::array<std::uint8_t, secrets::token_key::size> bytes{};
  bytes.fill(byte);
  return secrets::make_cipher(secrets::token_key{bytes});
}

constexpr auto now = unix_ms{1'700'000'000'000};
constexpr auto lifetime = std::chrono::milliseconds{600'000};

} // namespace

TEST_CASE("a cursor comes back as it was given out", "[records]") {
  auto cipher = cipher_with(1);
  // The first second of year 1, too.
  auto first = GENERATE(now, unix_ms{0}, unix_ms{-62'135'596'800'000},
                        unix_ms{253'402'300'799'999});
  auto values = std::vector<column_value>{first, std::int64_t{-7}};
  auto cursor = encode_cursor(values, *cipher);
  auto back = decode_cursor(cursor, 2, *cipher);
  REQUIRE(back);
  CHECK(*back == values);
  CHECK(encode_cursor({}, *cipher).empty());
  CHECK(decode_cursor("", 2, *cipher)->empty());
}

TEST_CASE("a cursor that was changed, is another list's or another key's is "
          "refused",
          "[records]") {
  auto cipher = cipher_with(1);
  auto cursor = encode_cursor({now, std::int64_t{9}}, *cipher);
  for (auto i = std::size_t{0}; i < cursor.size(); ++i) {
    auto changed = cursor;
    changed[i] = changed[i] == '1' ? '2' : '1';
    INFO(changed);
    auto got = decode_cursor(changed, 2, *cipher);
    REQUIRE_FALSE(got);
    CHECK(code_of(got.error()) == ec::invalid_argument);
    CHECK(detail_of(got.error()).starts_with("cursor: "));
  }
  CHECK_FALSE(decode_cursor(cursor, 1, *cipher));
  CHECK_FALSE(decode_cursor(cursor, 2, *cipher_with(2)));
  CHECK_FALSE(decode_cursor("rubbish", 2, *cipher));
}

TEST_CASE("OAuth's state is taken only if it is ours and in time",
          "[connect]") {
  auto cipher = cipher_with(1);
  auto good = make_oauth_state(*cipher, now + 1'000);
  CHECK_FALSE(check_oauth_state(*cipher, good, now, lifetime));
  auto refused = [&](std::string_view state, unix_ms at) {
    auto why = check_oauth_state(*cipher, state, at, lifetime);
    return code_of(why) == ec::invalid_argument
           && detail_of(why).starts_with("state: ");
  };
  CHECK(refused("", now));
  CHECK(refused("rubbish", now));
  CHECK(refused("42.1.deadbeef", now));
  CHECK(refused(good, now + 1'000));
  CHECK(refused(make_oauth_state(*cipher_with(2), now + 1'000), now));
  auto longer = good;
  longer.replace(longer.find('.') + 1, 1, "9");
  CHECK(refused(longer, now));
}

TEST_CASE("OAuth's state is good nowhere that forgets its use", "[connect]") {
  using std::chrono::hours;
  auto cipher = cipher_with(1);
  constexpr auto hour = std::chrono::milliseconds{hours{1}}.count();
  auto is_good = [&](const std::string& state, unix_ms at) {
    return !check_oauth_state(*cipher, state, at, lifetime);
  };
  // Made by clocks that were right, apart by minutes, an hour, a day, a year.
  for (auto ahead : {unix_ms{0}, hour / 12, hour, 24 * hour, 8'760 * hour}) {
    INFO(ahead << " ms ahead");
    auto state = make_oauth_state(*cipher, now + ahead + lifetime.count());
    CHECK(is_good(state, now + ahead));
    CHECK(is_good(state, now) == (ahead <= hour));
    auto key = used_state_key(state);
    for (auto clock = -30 * hour; clock <= 10'000 * hour; clock += hour / 4)
      for (auto behind : {unix_ms{0}, 23 * hour})
        if (is_good(state, now + clock)
            && is_used_state_over(key, now + clock - behind, lifetime))
          FAIL("forgotten at " << clock << " by a clock behind by " << behind);
  }
}

TEST_CASE("documented sports are known, others are no error of the list",
          "[records]") {
  CHECK(is_documented_sport("Run"));
  CHECK(is_documented_sport("AlpineSki"));
  CHECK(is_documented_sport("Yoga"));
  CHECK_FALSE(is_documented_sport("run"));
  CHECK_FALSE(is_documented_sport("Flying"));
}

TEST_CASE("an outbox row holds its message whole", "[records]") {
  events::v1::AthleteConnected fact;
  fact.set_athlete_id(7);
  auto sent = make_envelope(fact, {.message_id = "m", .cause = "c: d"});
  outbox_message row;
  row.subject = sent.subject;
  for (const auto& [name, value] : sent.headers)
    row.headers += name + ": " + value + "\n";
  row.payload = sent.payload;
  auto back = to_envelope(row);
  CHECK(back.subject == sent.subject);
  CHECK(back.headers == sent.headers);
  CHECK(back.payload == sent.payload);
}
