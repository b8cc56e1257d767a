#include "messages/contracts.hpp"

#include "messages/events.pb.h"
#include "messages/ingest.pb.h"
#include "messages/jobs.pb.h"
#include "messages/validation.hpp"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <cctype>

namespace stravasync {

namespace {

constexpr auto encoding_header = std::string_view{"Ss-Encoding"};

/// Below it a page of activities gets a third smaller at most, above it a half
/// and more. Higher levels take up to three times as long for the same size.
constexpr auto compress_above = std::size_t{2} * 1024;
constexpr auto compression_level = 1;

constexpr auto all_streams = std::array{
  stream_contract{"JOBS", "jobs.>", true},
  stream_contract{"INGEST", "ingest.>", false},
  stream_contract{"EVENTS", "events.>", false},
  stream_contract{"DLQ", "dlq.>", false},
};

/// @returns the area of `stravasync.<area>.v1`.
std::string area_of(const google::protobuf::Descriptor& type) {
  const auto& package = type.file()->package();
  auto begin = package.find('.') + 1;
  return package.substr(begin, package.find('.', begin) - begin);
}

/// "SyncAthlete" -> "sync_athlete".
std::string snake_case(std::string_view name) {
  std::string result;
  for (auto c : name) {
    auto lower = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    if (lower != c && !result.empty())
      result += '_';
    result += lower;
  }
  return result;
}

/// "jobs.sync_athlete". A page is named by what it carries.
std::string subject_prefix(const google::protobuf::Descriptor& type) {
  if (type.full_name() == "stravasync.ingest.v1.ActivitiesPage")
    return "ingest.activities";
  return area_of(type) + "." + snake_case(type.name());
}

std::string subject_of(const google::protobuf::Message& message) {
  const auto* type = message.GetDescriptor();
  auto result = subject_prefix(*type);
  if (const auto* athlete = type->FindFieldByName("athlete_id"))
    result
      += "."
         + std::to_string(message.GetReflection()->GetInt64(message, athlete));
  if (const auto* page
      = dynamic_cast<const ingest::v1::ActivitiesPage*>(&message))
    result += "." + page->run_id();
  return result;
}

/// @returns nothing if it does not pay.
std::string compressed(const std::string& plain) {
  std::string result(ZSTD_compressBound(plain.size()), '\0');
  auto size = ZSTD_compress(result.data(), result.size(), plain.data(),
                            plain.size(), compression_level);
  auto pays = ZSTD_isError(size) == 0u && size < plain.size() / 8 * 7;
  result.resize(pays ? size : 0);
  result.shrink_to_fit();
  return result;
}

} // namespace

std::string_view envelope::header_or_empty(std::string_view name) const {
  auto i = headers.find(name);
  return i == headers.end() ? std::string_view{} : std::string_view{i->second};
}

std::span<const stream_contract> streams() {
  return all_streams;
}

envelope make_envelope(const google::protobuf::Message& message,
                       envelope_options options) {
  envelope result;
  result.subject = subject_of(message);
  auto put = [&](std::string_view name, std::string value) {
    if (!value.empty())
      result.headers.emplace(name, std::move(value));
  };
  put(header::type, message.GetDescriptor()->full_name());
  put(header::message_id, std::move(options.message_id));
  put(header::cause, std::move(options.cause));
  put(header::traceparent, std::move(options.traceparent));
  put(header::principal, std::move(options.principal));
  message.SerializeToString(&result.payload);
  if (result.payload.size() > compress_above)
    if (auto packed = compressed(result.payload); !packed.empty()) {
      result.payload = std::move(packed);
      put(encoding_header, "zstd");
    }
  return result;
}

bool decode(const envelope& from, google::protobuf::Message& out) {
  return parse_payload(from, out) && fault_of(out).empty();
}

std::string subject_filter(const google::protobuf::Message& prototype) {
  return subject_prefix(*prototype.GetDescriptor()) + ".>";
}

std::string_view stream_of(const google::protobuf::Message& prototype) {
  auto prefix = subject_prefix(*prototype.GetDescriptor()) + ".x";
  for (const auto& stream : all_streams)
    if (subject_matches(stream.subjects, prefix))
      return stream.name;
  return {};
}

std::string durable_name(std::string_view service,
                         const google::protobuf::Message& prototype) {
  auto type = prototype.GetDescriptor()->full_name();
  std::ranges::replace(type, '.', '_');
  return std::string{service} + "__" + type;
}

std::string request_subject(const google::protobuf::Message& prototype) {
  return "ask." + snake_case(prototype.GetDescriptor()->name());
}

std::string dead_letter_subject(std::string_view durable) {
  return "dlq." + std::string{durable};
}

bool subject_matches(std::string_view filter, std::string_view subject) {
  while (true) {
    auto filter_end = filter.find('.');
    auto subject_end = subject.find('.');
    auto want = filter.substr(0, filter_end);
    auto have = subject.substr(0, subject_end);
    if (want == ">")
      return !have.empty();
    if (have.empty() || (want != "*" && want != have))
      return false;
    auto filter_done = filter_end == std::string_view::npos;
    auto subject_done = subject_end == std::string_view::npos;
    if (filter_done || subject_done)
      return filter_done && subject_done;
    filter.remove_prefix(filter_end + 1);
    subject.remove_prefix(subject_end + 1);
  }
}

} // namespace stravasync
