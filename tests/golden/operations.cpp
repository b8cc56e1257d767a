#include "tests/golden/http_case.hpp"

#include <cctype>

namespace stravasync::golden {

namespace {

namespace json = boost::json;

/// The first whole number that a double cannot hold.
const auto some_id = std::string{"9007199254740993"};

void replace(std::string& in, const std::string& what, const std::string& by) {
  if (auto at = in.find(what); at != std::string::npos)
    in.replace(at, what.size(), by);
}

std::string body_for(const std::string& id) {
  if (id == "startSync")
    return R"({"mode":"relist"})";
  if (id == "confirmDeletions")
    return R"({"missing":2})";
  if (id == "resetBudget")
    return "{}";
  return id == "retryDeadLetters" || id == "dropDeadLetters" ? R"({"ids":[1]})"
                                                             : "";
}

/// @returns the parameters of the query, where they are not of the path.
std::vector<std::string>
parameters_of(const json::value& document, const json::object& operation) {
  std::vector<std::string> result;
  const auto* list = operation.if_contains("parameters");
  if (list == nullptr)
    return result;
  for (const auto& one : list->as_array()) {
    const auto* ref = one.as_object().if_contains("$ref");
    const auto& parameter
      = ref == nullptr
          ? one
          : document.at_pointer(std::string{ref->as_string()}.substr(1));
    if (parameter.at("in") == "query")
      result.emplace_back(parameter.at("name").as_string());
  }
  return result;
}

operation read(const json::value& document, std::string pattern,
               std::string method, const json::object& from) {
  operation result;
  result.id = from.at("operationId").as_string();
  for (auto& c : method)
    c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  result.method = std::move(method);
  result.target = pattern;
  result.pattern = std::move(pattern);
  replace(result.target, "{id}", some_id);
  replace(result.target, "{name}", "relist");
  if (result.id == "oauthCallback")
    result.target += "?state=0af.99.sig&code=c";
  result.body = body_for(result.id);
  for (const auto& [status, response] : from.at("responses").as_object())
    result.statuses.insert(std::stoi(std::string{status}));
  result.parameters = parameters_of(document, from);
  for (const auto* edge :
       {"watchEvents", "getHealth", "getReadiness", "getMetrics", "getOpenapi"})
    result.asks_service = result.asks_service && result.id != edge;
  return result;
}

std::vector<operation> read_all() {
  http::api_fixture node;
  auto document = json::parse(node.client.get("/openapi.json").body);
  std::vector<operation> result;
  for (const auto& [path, methods] : document.at("paths").as_object())
    for (const auto& [method, one] : methods.as_object())
      result.push_back(read(document, path, method, one.as_object()));
  return result;
}

} // namespace

const std::vector<operation>& operations() {
  static const auto all = read_all();
  return all;
}

const operation& operation_of(const std::string& id) {
  auto found = std::ranges::find(operations(), id, &operation::id);
  INFO(id);
  REQUIRE(found != operations().end());
  return *found;
}

http_case
operation::request(const std::string& variant, const std::string& query) const {
  auto joint = target.find('?') == std::string::npos ? "?" : "&";
  auto result = http_case{.name = id + "/" + variant,
                          .method = method,
                          .target = query.empty() ? target
                                                  : target + joint + query,
                          .body = body};
  if (method == "POST")
    result.headers.emplace_back("Content-Type", "application/json");
  return result;
}

} // namespace stravasync::golden
