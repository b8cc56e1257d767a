#include "tests/golden/http_case.hpp"

#include "tests/golden/golden_file.hpp"

#include <google/protobuf/text_format.h>

#include <algorithm>
#include <map>
#include <string_view>

namespace stravasync::golden {

namespace {

constexpr auto shown_bytes = std::size_t{2'000};

std::string lower_case(std::string text) {
  std::ranges::transform(text, text.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return text;
}

std::string request_text(const http_case& what) {
  auto result = what.method + " " + readable(what.target) + "\n";
  for (const auto& [name, value] : what.headers)
    result += name + ": " + readable(value) + "\n";
  if (what.body.size() > shown_bytes)
    result += "\n(" + std::to_string(what.body.size())
              + " bytes: " + readable(what.body.substr(0, 20)) + "...)\n";
  else if (!what.body.empty())
    result += "\n" + readable(what.body) + "\n";
  return result;
}

/// What a library says of a broken request differs between its versions.
std::string without_library_words(std::string body) {
  for (const auto* ours : {"no such JSON: ", "no HTTP request: "})
    if (auto at = body.find(ours); at != std::string::npos) {
      at += std::string_view{ours}.size();
      body.replace(at, body.find('"', at) - at, "(why)");
    }
  return body;
}

} // namespace

std::string to_line(const google::protobuf::Message& question) {
  // Not by DebugString, whose form is nobody's promise.
  google::protobuf::TextFormat::Printer printer;
  printer.SetSingleLineMode(true);
  std::string fields;
  printer.PrintToString(question, &fields);
  while (fields.ends_with(' '))
    fields.pop_back();
  return question.GetDescriptor()->name() + "{" + fields + "}\n";
}

std::string to_text(const test::http_reply& reply) {
  auto everywhere = std::map<std::string, std::string>{};
  for (const auto& [name, value] : http::common_headers())
    if (name != "Cache-Control")
      everywhere[lower_case(name)] = value;
  auto lines = std::multimap<std::string, std::string>{};
  for (const auto& [name, value] : reply.headers)
    if (name != "date" && name != "content-length") {
      auto usual = everywhere.find(name);
      if (usual == everywhere.end() || usual->second != value)
        lines.emplace(name, value);
      if (usual != everywhere.end())
        everywhere.erase(usual);
    }
  auto result = "HTTP " + std::to_string(reply.status) + "\n";
  for (const auto& [name, value] : lines)
    result += name + ": " + value + "\n";
  for (const auto& [name, value] : everywhere)
    result += "(without " + name + ")\n";
  return result + "\n" + without_library_words(reply.body);
}

outcome run(const http_case& what) {
  http::api_fixture node{what.at, what.limits};
  if (what.given)
    what.given({node.service, node.parts});
  auto headers = what.headers;
  if (std::ranges::none_of(headers,
                           [](const auto& one) { return one.first == "Host"; }))
    headers.emplace_back("Host", "127.0.0.1"); // Without the port.
  auto reply = node.client.send(what.method, what.target, headers, what.body);
  auto result = outcome{.text = request_text(what) + "\n" + to_text(reply),
                        .status = reply.status,
                        .questions = {}};
  for_each_script(node.service, [&](const auto& script) {
    for (const auto& question : script.asked)
      result.questions += "  " + to_line(question);
  });
  return result;
}

void fill_answers(scripted_service& service, shape how) {
  for_each_script(service, [how]<class Question, class Answer>(
                             http::script<Question, Answer>& script) {
    script.give(filled<Answer>(how));
  });
}

void fail_answers(scripted_service& service, const caf::error& why) {
  for_each_script(service, [&](auto& script) { script.fail(why); });
}

} // namespace stravasync::golden
