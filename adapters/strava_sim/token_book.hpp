#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

namespace stravasync::strava_sim {

using scope_list = std::vector<std::string>;

struct access_token {
  std::string token;
  std::int64_t expires_s = 0;
  scope_list scopes;
};

/// What one athlete allowed one client. Without refresh token: revoked.
struct grant {
  std::string client_id;
  std::int64_t athlete_id = 0;
  scope_list scopes;
  std::string refresh_token;
  std::vector<access_token> access; // The newest last.
};

/// A code of the consent page. `expires_s` 0: spent.
struct authorization_code {
  std::string code;
  std::string client_id;
  std::int64_t athlete_id = 0;
  scope_list scopes;
  std::int64_t expires_s = 0;
};

/// Why Strava hands out no tokens.
enum class token_refusal : std::uint8_t {
  code_invalid,
  code_expired,
  refresh_token_invalid,
};

struct issued_tokens {
  std::string access_token;
  std::string refresh_token;
  std::int64_t expires_s = 0;
  std::int64_t athlete_id = 0;
  bool renewed = true; // False: the same access token as before.
};

/// Strava's rules for codes and tokens. Tokens are random, 40 hex digits. Not
/// thread-safe.
class token_book {
public:
  using result = std::variant<issued_tokens, token_refusal>;

  struct holder {
    std::string client_id;
    std::int64_t athlete_id = 0;
    scope_list scopes;
  };

  /// @returns a code that works once, within 5 minutes.
  std::string issue_code(std::string client_id, std::int64_t athlete_id,
                         scope_list scopes, std::int64_t now_s);

  /// New tokens; a refresh token of the same client and athlete dies.
  result exchange(std::string_view code, std::string_view client_id,
                  std::int64_t now_s);

  /// The same tokens while more than an hour is left; else new ones, and the
  /// refresh token that was given dies at once. Older access tokens live on.
  result refresh(std::string_view refresh_token, std::string_view client_id,
                 std::int64_t now_s);

  /// @returns who an access token belongs to, if it is valid.
  [[nodiscard]] std::optional<holder>
  find(std::string_view access_token, std::int64_t now_s) const;

  /// Ends all of the athlete's tokens. @returns how many clients lost theirs.
  std::size_t revoke_athlete(std::int64_t athlete_id);

  /// Ends the grant an access or refresh token belongs to, if there is one.
  void revoke_token(std::string_view token);

  /// @returns how many grants are alive for an athlete.
  [[nodiscard]] std::size_t grants_of(std::int64_t athlete_id) const;

  /// Called with what changed, so that it can be kept.
  std::function<void(const grant&)> on_grant;
  std::function<void(const authorization_code&)> on_code;

  /// Puts back what `on_grant` and `on_code` told; the later one counts.
  void restore(grant what);
  void restore(authorization_code what);

  void
  for_each(const std::function<void(const grant&)>& grants,
           const std::function<void(const authorization_code&)>& codes) const;

private:
  grant* find_grant(std::string_view token);
  result renew(grant& of, std::int64_t now_s);
  void index(const grant& what);
  void unindex(const grant& what);
  void revoke(grant& what);

  std::unordered_map<std::string, authorization_code> codes_;
  std::unordered_map<std::string, grant> grants_;     // By client and athlete.
  std::unordered_map<std::string, std::string> keys_; // By either token.
};

} // namespace stravasync::strava_sim
