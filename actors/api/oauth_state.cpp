#include "actors/api/oauth_state.hpp"

#include <charconv>
#include <chrono>
#include <random>

namespace stravasync {

namespace {

using std::chrono::milliseconds;

/// How far clocks of nodes may be apart for a state of one to be good at
/// another.
constexpr auto clocks_apart_max = milliseconds{std::chrono::hours{1}};

std::string state_text(std::string_view nonce, std::string_view expires_at) {
  return "oauth state " + std::string{nonce} + " " + std::string{expires_at};
}

/// 128 random bits, as hexadecimal digits.
std::string new_nonce() {
  constexpr auto digits = std::string_view{"0123456789abcdef"};
  auto source = std::random_device{};
  std::string result;
  for (auto words = 0; words < 4; ++words)
    for (auto rest = source(), i = 0U; i < 8; ++i, rest >>= 4U)
      result += digits[rest & 15U];
  return result;
}

struct state_parts {
  std::string_view nonce;
  std::string_view expiry;
  std::string_view signature;
};

/// Empty for what has another form.
state_parts split_state(std::string_view state) {
  auto first = state.find('.');
  auto second = state.find('.', first + 1);
  if (first == std::string_view::npos || second == std::string_view::npos)
    return {};
  return {state.substr(0, first), state.substr(first + 1, second - first - 1),
          state.substr(second + 1)};
}

/// @returns 0 for what is no number.
unix_ms parse_ms(std::string_view digits) {
  auto result = unix_ms{0};
  std::from_chars(digits.data(), digits.data() + digits.size(), result);
  return result;
}

} // namespace

caf::error bad_state(std::string_view rule) {
  return make_failure(ec::invalid_argument, "state: " + std::string{rule});
}

std::string make_oauth_state(const token_cipher& cipher, unix_ms expires_at) {
  auto nonce = new_nonce();
  auto expiry = std::to_string(expires_at);
  return nonce + "." + expiry + "." + cipher.sign(state_text(nonce, expiry));
}

caf::error check_oauth_state(const token_cipher& cipher, std::string_view state,
                             unix_ms now, milliseconds lifetime) {
  if (state.empty())
    return bad_state("is missing; start again at /connect");
  auto [nonce, expiry, signature] = split_state(state);
  if (nonce.empty()
      || !same_signature(signature, cipher.sign(state_text(nonce, expiry))))
    return bad_state("was not made here; start again at /connect");
  auto expires_at = parse_ms(expiry);
  if (expires_at <= now)
    return bad_state("has expired; start again at /connect");
  if (expires_at > now + (lifetime + clocks_apart_max).count())
    return bad_state("is of a clock far ahead; start again at /connect");
  return {};
}

std::string
make_browser_proof(const token_cipher& cipher, std::string_view state) {
  return cipher.sign("browser of oauth state " + std::string{state});
}

std::string used_state_key(std::string_view state) {
  auto [nonce, expiry, signature] = split_state(state);
  return std::string{expiry} + "." + std::string{nonce};
}

bool is_used_state_over(std::string_view key, unix_ms now,
                        milliseconds lifetime) {
  // Far more than for a state to be good: what one node still takes, no other
  // forgets.
  constexpr auto apart = 24 * clocks_apart_max;
  auto expiry = parse_ms(key.substr(0, key.find('.')));
  return expiry + apart.count() < now
         || expiry > now + (lifetime + apart).count();
}

} // namespace stravasync
