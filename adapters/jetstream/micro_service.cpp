#include "adapters/jetstream/micro_service.hpp"

#include "adapters/jetstream/json.hpp"
#include "adapters/jetstream/session.hpp"
#include "adapters/jetstream/subjects.hpp"
#include "messages/error.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

namespace stravasync::jetstream {

namespace {

constexpr auto prefix = std::string_view{"$SRV."};
constexpr auto service_waiting_max = 1'024;

bool is_letter_or_digit(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z')
         || (c >= '0' && c <= '9');
}

bool is_service_name(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return is_letter_or_digit(c) || c == '-' || c == '_';
  });
}

/// @returns whether there are three numbers with dots, and after them nothing
/// or what semver.org allows behind '-' and '+'.
bool is_version(std::string_view text) {
  auto core = text.substr(0, text.find_first_of("-+"));
  auto dots = 0;
  auto before = '.';
  for (auto c : core) {
    auto digit = c >= '0' && c <= '9';
    if (!digit && (c != '.' || before == '.'))
      return false;
    dots += c == '.' ? 1 : 0;
    before = c;
  }
  auto rest = text.substr(core.size());
  return dots == 2 && before != '.' && rest.size() != 1
         && std::ranges::all_of(rest, [](char c) {
              return is_letter_or_digit(c) || c == '-' || c == '.' || c == '+';
            });
}

caf::error check(const service_info& what) {
  auto wrong = [](const char* field, const std::string& value,
                  const char* rule) {
    return make_failure(ec::invalid_argument, std::string{"service "} + field
                                                + " '" + value + "' " + rule);
  };
  if (!is_service_name(what.name))
    return wrong("name", what.name, "is not [A-Za-z0-9_-]+");
  if (!is_version(what.version))
    return wrong("version", what.version, "is not major.minor.patch");
  if (!is_name(what.id))
    return wrong("id", what.id, "is no token of a subject");
  for (const auto& each : what.endpoints)
    if (!is_service_name(each.name))
      return wrong("endpoint", each.name, "is not [A-Za-z0-9_-]+");
  return {};
}

std::string member(std::string_view name, std::string_view text) {
  return json_text(name) + ":" + json_text(text);
}

std::string number(std::string_view name, std::uint64_t value) {
  return json_text(name) + ":" + std::to_string(value);
}

/// @returns the members that every answer begins with.
std::string head(const service_info& info, std::string_view kind) {
  auto metadata = std::string{};
  for (const auto& [name, value] : info.metadata)
    metadata += (metadata.empty() ? "" : ",") + member(name, value);
  return "{"
         + member("type", "io.nats.micro.v1." + std::string{kind} + "_response")
         + "," + member("name", info.name) + "," + member("id", info.id) + ","
         + member("version", info.version) + ",\"metadata\":{" + metadata + "}";
}

std::string place_of(const service_endpoint& each) {
  return member("name", each.name) + "," + member("subject", each.subject) + ","
         + member("queue_group", each.queue_group);
}

std::string info_json(const service_info& info) {
  auto endpoints = std::string{};
  for (const auto& each : info.endpoints)
    endpoints += (endpoints.empty() ? "{" : ",{") + place_of(each)
                 + ",\"metadata\":{}}";
  return head(info, "info") + "," + member("description", info.description)
         + ",\"endpoints\":[" + endpoints + "]}";
}

std::string stats_json(const service_info& info, const std::string& started,
                       const std::vector<endpoint_statistics>& all) {
  auto endpoints = std::string{};
  for (const auto& each : info.endpoints) {
    auto found = std::ranges::find(all, each.name, &endpoint_statistics::name);
    auto now = found == all.end() ? endpoint_statistics{} : *found;
    auto average = now.requests == 0 ? 0 : now.processing_ns / now.requests;
    endpoints += (endpoints.empty() ? "{" : ",{") + place_of(each) + ","
                 + number("num_requests", now.requests) + ","
                 + number("num_errors", now.errors) + ","
                 + member("last_error", now.last_error) + ","
                 + number("processing_time", now.processing_ns) + ","
                 + number("average_processing_time", average) + "}";
  }
  return head(info, "stats") + "," + member("started", started)
         + ",\"endpoints\":[" + endpoints + "]}";
}

class announced final : public micro_service {
public:
  announced(std::shared_ptr<session> link, std::shared_ptr<inlet> in)
    : link_(std::move(link)),
      in_(std::move(in)) {
  }

private:
  std::shared_ptr<session> link_;
  std::shared_ptr<inlet> in_;
};

/// @returns the verb of a subject that asks `info`: "$SRV.PING",
/// "$SRV.PING.name" or "$SRV.PING.name.id".
std::optional<std::string_view>
verb_for(const service_info& info, std::string_view subject) {
  if (!subject.starts_with(prefix))
    return std::nullopt;
  subject.remove_prefix(prefix.size());
  auto verb = subject.substr(0, subject.find('.'));
  auto whom = subject.substr(verb.size());
  if (whom.empty() || whom == "." + info.name
      || whom == "." + info.name + "." + info.id)
    return verb;
  return std::nullopt;
}

} // namespace

caf::expected<std::shared_ptr<micro_service>>
announce(const connection& on, service_info what,
         statistics_source statistics) {
  if (auto wrong = check(what))
    return wrong;
  auto started = to_rfc3339(system_wall_clock()());
  auto answer = [weak = std::weak_ptr{on.link->shared_from_this()},
                 info = std::move(what), started,
                 statistics = std::move(statistics)](const received& asked) {
    auto verb = verb_for(info, asked.subject());
    auto over = weak.lock();
    if (!verb || !over || asked.reply().empty())
      return;
    auto text = std::string{};
    if (*verb == "PING")
      text = head(info, "ping") + "}";
    else if (*verb == "INFO")
      text = info_json(info);
    else if (*verb == "STATS")
      text = stats_json(info, started,
                        statistics ? statistics()
                                   : std::vector<endpoint_statistics>{});
    else
      return;
    over->tell({std::string{asked.reply()}, {}, std::move(text)});
  };
  auto in = on.link->listen(
    {std::string{prefix} + ">", "", service_waiting_max}, std::move(answer));
  if (!in)
    return std::move(in.error());
  return std::make_shared<announced>(on.link, std::move(*in));
}

} // namespace stravasync::jetstream
