#include "adapters/strava_sim/wire_json.hpp"
#include "adapters/strava_sim/world.hpp"

namespace stravasync::strava_sim {

http::response
strava_error(int status, std::string_view message, std::string_view resource,
             std::string_view field, std::string_view code) {
  auto errors = std::string{"["};
  object_writer{errors}
    .text("resource", resource)
    .text("field", field)
    .text("code", code)
    .close();
  errors += ']';
  auto result = http::response{};
  result.status = status;
  result.content_type = "application/json; charset=utf-8";
  object_writer{result.body}
    .text("message", message)
    .raw("errors", errors)
    .close();
  return result;
}

http::response bad_request(std::string_view resource, std::string_view field,
                           std::string_view code) {
  return strava_error(400, "Bad Request", resource, field, code);
}

namespace {

void cut_last_name(std::string& body) {
  constexpr auto name = std::string_view{R"("name":")"};
  if (auto at = body.rfind(name); at != std::string::npos)
    body.insert(at + name.size(), R"(\ud83d)");
}

} // namespace

void spoil(reply& answer, fault_mode mode) {
  auto& body = answer.response.body;
  switch (mode) {
    case fault_mode::none:
      break;
    case fault_mode::error500:
      answer.response.status = 500;
      body = R"({"message":"error"})";
      break;
    case fault_mode::close:
      answer.how = reply::way::close;
      break;
    case fault_mode::hang:
      answer.how = reply::way::hang;
      break;
    case fault_mode::cut_json:
      body.resize(body.size() / 2);
      break;
    case fault_mode::cut_name:
      cut_last_name(body);
      break;
    case fault_mode::cut_body:
      answer.how = reply::way::cut;
      break;
    case fault_mode::inactive:
      answer.response = strava_error(403, "Forbidden", "Application", "Status",
                                     "Inactive");
      break;
    case fault_mode::rate_limited: {
      auto headers = std::move(answer.response.headers);
      answer.response = strava_error(429, "Rate Limit Exceeded", "Application",
                                     "overall rate limit", "exceeded");
      answer.response.headers = std::move(headers);
      break;
    }
  }
}

} // namespace stravasync::strava_sim
