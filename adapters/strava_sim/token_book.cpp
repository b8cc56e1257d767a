#include "adapters/strava_sim/token_book.hpp"

#include <algorithm>
#include <random>
#include <utility>

namespace stravasync::strava_sim {

namespace {

constexpr std::int64_t access_lifetime_s = 21'600;
constexpr std::int64_t renewed_below_s = 3'600;
constexpr std::int64_t code_lifetime_s = 300;

/// Random and not from the seed: after a restart no new token may equal one
/// that another athlete got before.
std::string random_token() {
  constexpr auto digits = std::string_view{"0123456789abcdef"};
  auto source = std::random_device{};
  auto result = std::string{};
  while (result.size() < 40)
    result += digits[source() & 15U];
  return result;
}

std::string key_of(std::string_view client_id, std::int64_t athlete_id) {
  return std::to_string(athlete_id) + "/" + std::string{client_id};
}

} // namespace

std::string
token_book::issue_code(std::string client_id, std::int64_t athlete_id,
                       scope_list scopes, std::int64_t now_s) {
  auto code = authorization_code{random_token(), std::move(client_id),
                                 athlete_id, std::move(scopes),
                                 now_s + code_lifetime_s};
  if (on_code)
    on_code(code);
  auto text = code.code;
  codes_.emplace(text, std::move(code));
  return text;
}

token_book::result
token_book::exchange(std::string_view code, std::string_view client_id,
                     std::int64_t now_s) {
  auto found = codes_.find(std::string{code});
  if (found == codes_.end() || found->second.client_id != client_id)
    return token_refusal::code_invalid;
  auto spent = std::move(found->second);
  codes_.erase(found);
  auto expired = spent.expires_s <= now_s;
  spent.expires_s = 0;
  if (on_code)
    on_code(spent);
  if (expired)
    return token_refusal::code_expired;
  auto& owner = grants_[key_of(client_id, spent.athlete_id)];
  owner.client_id = client_id;
  owner.athlete_id = spent.athlete_id;
  owner.scopes = std::move(spent.scopes);
  return renew(owner, now_s);
}

token_book::result
token_book::refresh(std::string_view refresh_token, std::string_view client_id,
                    std::int64_t now_s) {
  auto* owner = find_grant(refresh_token);
  if (owner == nullptr || owner->refresh_token != refresh_token
      || owner->client_id != client_id)
    return token_refusal::refresh_token_invalid;
  if (!owner->access.empty()) {
    const auto& newest = owner->access.back();
    if (newest.expires_s - now_s > renewed_below_s)
      return issued_tokens{newest.token, owner->refresh_token, newest.expires_s,
                           owner->athlete_id, false};
  }
  return renew(*owner, now_s);
}

token_book::result token_book::renew(grant& of, std::int64_t now_s) {
  unindex(of);
  std::erase_if(of.access, [now_s](const access_token& token) {
    return token.expires_s <= now_s;
  });
  of.refresh_token = random_token();
  of.access.push_back({random_token(), now_s + access_lifetime_s, of.scopes});
  index(of);
  if (on_grant)
    on_grant(of);
  const auto& newest = of.access.back();
  return issued_tokens{newest.token, of.refresh_token, newest.expires_s,
                       of.athlete_id, true};
}

std::optional<token_book::holder>
token_book::find(std::string_view access_token, std::int64_t now_s) const {
  auto key = keys_.find(std::string{access_token});
  if (key == keys_.end())
    return std::nullopt;
  const auto& owner = grants_.at(key->second);
  for (const auto& candidate : owner.access)
    if (candidate.token == access_token && candidate.expires_s > now_s)
      return holder{owner.client_id, owner.athlete_id, candidate.scopes};
  return std::nullopt;
}

void token_book::revoke(grant& what) {
  unindex(what);
  what.refresh_token.clear();
  what.access.clear();
  if (on_grant)
    on_grant(what);
}

std::size_t token_book::revoke_athlete(std::int64_t athlete_id) {
  auto count = std::size_t{0};
  for (auto it = grants_.begin(); it != grants_.end();) {
    if (it->second.athlete_id != athlete_id) {
      ++it;
      continue;
    }
    revoke(it->second);
    it = grants_.erase(it);
    ++count;
  }
  return count;
}

void token_book::revoke_token(std::string_view token) {
  if (auto* owner = find_grant(token); owner != nullptr) {
    revoke(*owner);
    grants_.erase(key_of(owner->client_id, owner->athlete_id));
  }
}

std::size_t token_book::grants_of(std::int64_t athlete_id) const {
  auto matches = [athlete_id](const auto& entry) {
    return entry.second.athlete_id == athlete_id;
  };
  return static_cast<std::size_t>(std::ranges::count_if(grants_, matches));
}

void token_book::restore(grant what) {
  auto key = key_of(what.client_id, what.athlete_id);
  if (auto old = grants_.find(key); old != grants_.end()) {
    unindex(old->second);
    grants_.erase(old);
  }
  if (what.refresh_token.empty())
    return;
  index(what);
  grants_.emplace(std::move(key), std::move(what));
}

void token_book::restore(authorization_code what) {
  auto code = what.code;
  codes_.erase(code);
  if (what.expires_s != 0)
    codes_.emplace(std::move(code), std::move(what));
}

void token_book::for_each(
  const std::function<void(const grant&)>& grants,
  const std::function<void(const authorization_code&)>& codes) const {
  for (const auto& [key, value] : grants_)
    grants(value);
  for (const auto& [key, value] : codes_)
    codes(value);
}

grant* token_book::find_grant(std::string_view token) {
  auto key = keys_.find(std::string{token});
  return key == keys_.end() ? nullptr : &grants_.at(key->second);
}

void token_book::index(const grant& what) {
  auto key = key_of(what.client_id, what.athlete_id);
  keys_[what.refresh_token] = key;
  for (const auto& access : what.access)
    keys_[access.token] = key;
}

void token_book::unindex(const grant& what) {
  keys_.erase(what.refresh_token);
  for (const auto& access : what.access)
    keys_.erase(access.token);
}

} // namespace stravasync::strava_sim
