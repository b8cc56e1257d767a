#include "actors/replay/dispatch.hpp"

#include "messages/events.pb.h"
#include "messages/ingest.pb.h"
#include "messages/jobs.pb.h"
#include "messages/redriven.hpp"

namespace stravasync {

namespace {

constexpr auto dead_letters = std::string_view{"dlq."};

/// Whether a durable that ends so, whatever its service, or a subject belongs
/// to the handler of `Message`.
template <class Message>
bool is_for(const envelope& message) {
  if (!message.subject.starts_with(dead_letters))
    return subject_matches(subject_filter(Message{}), message.subject);
  return message.subject.ends_with(durable_name("", Message{}));
}

} // namespace

std::string_view to_string(handler_kind kind) {
  switch (kind) {
    case handler_kind::ingest_writer:
      return "ingest-writer";
    case handler_kind::run_keeper:
      return "run-keeper";
    case handler_kind::sync:
      return "sync";
  }
  return {};
}

std::optional<handler_kind> handler_of(const envelope& message) {
  if (is_for<ingest::v1::ActivitiesPage>(message))
    return handler_kind::ingest_writer;
  if (is_for<events::v1::SyncHeldUp>(message))
    return handler_kind::run_keeper;
  if (is_for<jobs::v1::SyncAthlete>(message))
    return handler_kind::sync;
  return std::nullopt;
}

envelope as_delivered(const envelope& message) {
  auto result = message;
  if (!message.subject.starts_with(dead_letters))
    return result;
  auto take = [&](std::string_view name) {
    auto found = result.headers.find(name);
    if (found == result.headers.end())
      return std::string{};
    auto value = std::move(found->second);
    result.headers.erase(found);
    return value;
  };
  if (auto origin = take(header::origin); !origin.empty())
    result.subject = origin.substr(0, origin.find('@'));
  if (auto id = take(header::original_id); !id.empty())
    result.headers.insert_or_assign(std::string{header::message_id},
                                    std::move(id));
  take(header::reason);
  take(header::attempts);
  take(header::unread);
  take(header::unread_at);
  return result;
}

} // namespace stravasync
