#pragma once

#include "adapters/strava/strava_client.hpp"
#include "messages/error.hpp"

#include <catch2/catch_test_macros.hpp>

#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <utility>

/// @file
/// Calls to the client under test, made to wait for their completion.

namespace stravasync::test {

using page_result = strava_result<activities_response>;

/// @returns the value; fails the test if it does not come in ten seconds.
template <class T>
T await(std::future<T> value) {
  REQUIRE(value.wait_for(std::chrono::seconds{10})
          == std::future_status::ready);
  return value.get();
}

inline strava::client_options options_for(const std::string& address) {
  strava::client_options result;
  result.api_url = "http://" + address + "/api/v3";
  result.oauth_url = "http://" + address + "/oauth";
  result.client_id = "4711";
  result.client_secret = "s3cr3t-of-the-application";
  result.request_timeout = std::chrono::seconds{10};
  return result;
}

inline std::unique_ptr<strava_api>
api_with(const strava::client_options& options) {
  auto result = strava::open_api(options);
  REQUIRE(result);
  return std::move(*result);
}

inline std::unique_ptr<strava_oauth>
oauth_with(const strava::client_options& options) {
  auto result = strava::open_oauth(options);
  REQUIRE(result);
  return std::move(*result);
}

inline activities_request first_page() {
  activities_request result;
  result.access_token = "the-access-token";
  result.position.set_page(1);
  return result;
}

inline std::future<page_result>
list(strava_api& api, activities_request request = first_page()) {
  auto promise = std::make_shared<std::promise<page_result>>();
  api.list_activities(std::move(request), [promise](page_result result) {
    promise->set_value(std::move(result));
  });
  return promise->get_future();
}

/// @returns the code of a failed call's error.
template <class T>
ec failure_of(const caf::expected<T>& value) {
  return value ? ec::none : code_of(value.error());
}

template <class T>
std::string text_of(const caf::expected<T>& value) {
  return value ? std::string{} : detail_of(value.error());
}

} // namespace stravasync::test
