#include "adapters/strava/client_parts.hpp"
#include "adapters/strava/fault.hpp"
#include "adapters/strava/strava_client.hpp"
#include "adapters/strava/token_grant.hpp"
#include "messages/error.hpp"

#include <utility>

namespace stravasync::strava {

namespace {

caf::expected<token_grant> read_grant(pool_answer& answer, bool needs_athlete) {
  if (answer.failure)
    return std::move(answer.failure);
  if (answer.report.status != 200)
    return oauth_failure({answer.report.status, answer.body, answer.location});
  auto date_ms = answer.report.usage.date_ms;
  return parse_token_grant(std::move(answer.body),
                           date_ms > 0 ? date_ms : system_wall_clock()(),
                           needs_athlete);
}

caf::expected<bool> read_deauthorized(const pool_answer& answer) {
  if (answer.failure)
    return answer.failure;
  if (answer.report.status == 200)
    return true;
  // With a Bearer token it is the token that a 401 is about, whatever resource
  // the fault names.
  if (answer.report.status == 401)
    return make_failure(ec::needs_reauth,
                        "Strava answered 401: the token is dead already");
  return oauth_failure({answer.report.status, answer.body, answer.location});
}

class oauth_client final : public strava_oauth {
public:
  oauth_client(client_options options, std::unique_ptr<connection_pool> pool)
    : options_(std::move(options)),
      pool_(std::move(pool)) {
  }

  std::string authorize_url(const std::string& redirect_uri,
                            const std::string& state) const override {
    return consent_page() + '?'
           + form_of({{"client_id", options_.client_id},
                      {"redirect_uri", redirect_uri},
                      {"response_type", "code"},
                      {"approval_prompt", "auto"},
                      {"scope", options_.scopes},
                      {"state", state}});
  }

  void exchange_code(std::string code, completion<token_grant> done) override {
    auto form = form_of({{"client_id", options_.client_id},
                         {"client_secret", options_.client_secret},
                         {"code", code},
                         {"grant_type", "authorization_code"}});
    ask_token(std::move(form), true, std::move(code), std::move(done));
  }

  void
  refresh(std::string refresh_token, completion<token_grant> done) override {
    auto form = form_of({{"client_id", options_.client_id},
                         {"client_secret", options_.client_secret},
                         {"grant_type", "refresh_token"},
                         {"refresh_token", refresh_token}});
    ask_token(std::move(form), false, std::move(refresh_token),
              std::move(done));
  }

  void deauthorize(std::string access_token, completion<bool> done) override {
    if (!is_header_token(access_token)) {
      pool_->post([done = std::move(done)] {
        done(make_failure(ec::invalid_argument,
                          "access_token: must be visible ASCII and not empty"));
      });
      return;
    }
    auto request = outgoing_request{
      .post = true, .target = "/deauthorize", .bearer = access_token};
    pool_->submit(
      std::move(request), [token = std::move(access_token),
                           done = std::move(done)](pool_answer answer) {
        mask(answer.body, {token});
        auto value = read_deauthorized(answer);
        if (!value)
          value = without_secrets(std::move(value.error()), {token});
        done(std::move(value));
      });
  }

private:
  [[nodiscard]] std::string consent_page() const {
    if (!options_.authorize_url.empty())
      return options_.authorize_url;
    auto base = std::string_view{options_.oauth_url};
    base = base.substr(0, base.find_last_not_of('/') + 1);
    return std::string{base} + "/authorize";
  }

  /// @param proof The code or refresh token in `form`.
  void ask_token(std::string form, bool needs_athlete, std::string proof,
                 completion<token_grant> done) {
    pool_->submit(
      {.post = true, .target = "/token", .form = std::move(form)},
      [secret = options_.client_secret, needs_athlete, proof = std::move(proof),
       done = std::move(done)](pool_answer answer) {
        if (answer.report.status != 200) // Before texts are shortened.
          mask(answer.body, {secret, proof});
        auto value = read_grant(answer, needs_athlete);
        if (!value)
          value = without_secrets(std::move(value.error()), {secret, proof});
        done(std::move(value));
      });
  }

  const client_options options_;
  // Last, so that its thread ends first.
  std::unique_ptr<connection_pool> pool_;
};

} // namespace

caf::expected<std::unique_ptr<strava_oauth>>
open_oauth(const client_options& options) {
  auto pool = open_pool(options, options.oauth_url, oauth_url_setting);
  if (!pool)
    return std::move(pool.error());
  return std::make_unique<oauth_client>(options, std::move(*pool));
}

} // namespace stravasync::strava
