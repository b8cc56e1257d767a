#pragma once

#include "actors/ports/strava_api.hpp"

#include <deque>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace test {

/// Strava's OAuth endpoints, answered by the test.
class scripted_oauth final : public stravasync::strava_oauth {
public:
  /// What it was asked, such as "refresh r1" and "exchange c1".
  std::vector<std::string> calls;
  /// What deauthorizing fails with; it is done if none.
  caf::error deauthorizing;

  /// Answers the oldest open call. Throws if there is none.
  void answer(caf::expected<stravasync::token_grant> with) {
    if (open_.empty())
      throw std::logic_error{"nobody asked Strava"};
    auto first = std::move(open_.front());
    open_.pop_front();
    first(std::move(with));
  }

  [[nodiscard]] std::size_t open() const {
    return open_.size();
  }

  [[nodiscard]] std::string
  authorize_url(const std::string& redirect_uri,
                const std::string& state) const override {
    return "https://strava.test/?to=" + redirect_uri + "&state=" + state;
  }

  void
  exchange_code(std::string code,
                stravasync::completion<stravasync::token_grant> done) override {
    ask("exchange " + code, std::move(done));
  }

  void refresh(std::string refresh_token,
               stravasync::completion<stravasync::token_grant> done) override {
    ask("refresh " + refresh_token, std::move(done));
  }

  /// Answered at once.
  void deauthorize(std::string access_token,
                   stravasync::completion<bool> done) override {
    calls.push_back("deauthorize " + access_token);
    done(deauthorizing ? caf::expected<bool>{deauthorizing} : true);
  }

private:
  void
  ask(std::string what, stravasync::completion<stravasync::token_grant> done) {
    calls.push_back(std::move(what));
    open_.push_back(std::move(done));
  }

  std::deque<stravasync::completion<stravasync::token_grant>> open_;
};

} // namespace test
