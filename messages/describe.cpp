#include "messages/describe.hpp"

#include "messages/events.pb.h"
#include "messages/ingest.pb.h"
#include "messages/jobs.pb.h"
#include "messages/json.hpp"
#include "messages/profile.pb.h"
#include "messages/text/hex.hpp"
#include "messages/validation.hpp"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <array>
#include <utility>

namespace stravasync {

namespace {

/// The contracts of streams. Naming a type of each is what makes the linker
/// keep the file's descriptors.
std::array<const google::protobuf::FileDescriptor*, 4> contract_files() {
  return {jobs::v1::SyncAthlete::descriptor()->file(),
          ingest::v1::ActivitiesPage::descriptor()->file(),
          ingest::v1::AthleteProfile::descriptor()->file(),
          events::v1::AthleteConnected::descriptor()->file()};
}

std::string name_of_type(const envelope& message) {
  auto type = message.header_or_empty(header::type);
  return type.empty() ? "a message without a type"
                      : "type " + std::string{type};
}

} // namespace

std::unique_ptr<google::protobuf::Message>
make_message_of(std::string_view type) {
  for (const auto* file : contract_files())
    for (auto i = 0; i < file->message_type_count(); ++i)
      if (const auto* known = file->message_type(i); known->full_name() == type)
        return std::unique_ptr<google::protobuf::Message>{
          google::protobuf::MessageFactory::generated_factory()
            ->GetPrototype(known)
            ->New()};
  return nullptr;
}

std::string
refusal_of(const envelope& message, const google::protobuf::Message& wanted) {
  const auto& name = wanted.GetDescriptor()->full_name();
  auto type = message.header_or_empty(header::type);
  if (type == name) {
    auto read = std::unique_ptr<google::protobuf::Message>{wanted.New()};
    if (!parse_payload(message, *read))
      return "this is no well-formed " + name;
    return "this " + name + " breaks a rule: " + fault_of(*read);
  }
  auto have = name_of_type(message);
  if (!type.empty() && !make_message_of(type))
    have += ", which this version does not know,";
  return have + " stands where " + name + " belongs";
}

payload_description
describe_payload(const envelope& message, std::size_t hex_bytes_max) {
  payload_description result;
  auto type = message.header_or_empty(header::type);
  auto decoded = make_message_of(type);
  if (decoded && parse_payload(message, *decoded)) {
    append_json(result.json, *decoded);
    return result;
  }
  result.hex
    = to_hex(std::string_view{message.payload}.substr(0, hex_bytes_max));
  if (type.empty())
    result.problem = "the message does not say its type";
  else if (decoded)
    result.problem = "this is no well-formed " + std::string{type};
  else
    result.problem = "type " + std::string{type}
                     + " is none that this version knows";
  return result;
}

std::string
describe_message(const envelope& message, const message_place& place) {
  std::string out = "{";
  auto text = [&out](std::string_view name, std::string_view value) {
    append_quoted(out, name);
    out += ':';
    append_quoted(out, value);
  };
  text("stream", place.stream);
  out += ",\"sequence\":" + std::to_string(place.sequence) + ',';
  text("stored_at", to_iso_8601(place.stored_at_ms));
  out += ',';
  text("subject", message.subject);
  out += ",\"headers\":{";
  auto first = true;
  for (const auto& [name, value] : message.headers) {
    if (!std::exchange(first, false))
      out += ',';
    text(name, value);
  }
  out += "},";
  auto payload = describe_payload(message);
  if (payload.problem.empty()) {
    out += "\"payload\":" + payload.json;
  } else {
    text("payload_hex", payload.hex);
    out += ',';
    text("problem", payload.problem);
  }
  return out + '}';
}

} // namespace stravasync
