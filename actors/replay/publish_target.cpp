#include "actors/replay/publish_target.hpp"

#include "actors/ports/answer_of.hpp"
#include "messages/contracts.hpp"
#include "messages/error.hpp"

#include <algorithm>
#include <cctype>
#include <utility>

namespace stravasync {

namespace {

constexpr auto keep_subject = std::string_view{".>"};

/// Whether each token is there and holds nothing with a meaning of its own.
bool is_plain(std::string_view subject) {
  auto bad = [](char c) {
    return c == '*' || c == '>'
           || std::isgraph(static_cast<unsigned char>(c)) == 0;
  };
  return !subject.empty() && !subject.starts_with('.')
         && !subject.ends_with('.')
         && subject.find("..") == std::string_view::npos
         && std::ranges::none_of(subject, bad);
}

} // namespace

caf::error check_target_subject(std::string_view subject, bool force) {
  auto fixed = subject;
  if (fixed.ends_with(keep_subject))
    fixed.remove_suffix(keep_subject.size());
  auto text = std::string{subject};
  if (!is_plain(fixed))
    return make_failure(ec::invalid_argument,
                        "'" + text
                          + "' is no subject to publish to: give tokens with "
                            "dots between them, the last may be '>'");
  auto area = std::string{fixed.substr(0, fixed.find('.'))};
  for (const auto& stream : streams())
    if (!force && subject_matches(stream.subjects, area + ".x"))
      return make_failure(ec::invalid_argument,
                          "subject " + text + " belongs to stream "
                            + std::string{stream.name}
                            + ", which services work from; replay into it "
                              "only with --force");
  return {};
}

publish_target::publish_target(std::shared_ptr<publisher> to,
                               std::string stream, std::string subject,
                               std::string replay)
  : to_{std::move(to)},
    stream_{std::move(stream)},
    subject_{std::move(subject)},
    replay_{std::move(replay)} {
}

envelope publish_target::anew(const stored_message& what) const {
  auto result = what.message;
  auto place = stream_ + ":" + std::to_string(what.sequence);
  // What a dead letter says of its own origin stays.
  result.headers.try_emplace(std::string{header::origin},
                             what.message.subject + "@" + place);
  if (auto id = what.message.header_or_empty(header::message_id); !id.empty())
    result.headers.try_emplace(std::string{header::original_id}, id);
  result.headers.insert_or_assign(std::string{header::message_id},
                                  "replay/" + replay_ + "/" + place);
  if (subject_.ends_with(keep_subject))
    result.subject = subject_.substr(0, subject_.size() - 1)
                     + what.message.subject;
  else
    result.subject = subject_;
  return result;
}

caf::expected<bool> publish_target::take(const stored_message& what) {
  auto ack = answer_of<publish_ack>(
    [&](auto done) { to_->publish(anew(what), std::move(done)); });
  if (!ack)
    return ack.error();
  return true;
}

} // namespace stravasync
