#pragma once

#include "actors/ports/bus.hpp"
#include "messages/error.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace test {

/// Streams with messages of any time, to be looked at only.
class recorded_streams final : public stravasync::stream_catalog {
public:
  using stored_message = stravasync::stored_message;

  void add(const std::string& stream, const std::string& subject,
           stravasync::unix_ms at, std::string payload = {},
           stravasync::header_map headers = {}) {
    auto& all = find(stream);
    stored_message what;
    what.message = {subject, std::move(headers), std::move(payload)};
    what.sequence = all.size() + 1;
    what.stored_at_ms = at;
    all.push_back(std::move(what));
  }

  void add(const std::string& stream, stravasync::envelope message,
           stravasync::unix_ms at) {
    add(stream, message.subject, at, std::move(message.payload),
        std::move(message.headers));
  }

  /// Makes the stream if there is none.
  std::vector<stored_message>& find(const std::string& stream) {
    for (auto& [name, messages] : streams_)
      if (name == stream)
        return messages;
    return streams_.emplace_back(stream, std::vector<stored_message>{}).second;
  }

  void ensure(stravasync::stream_config,
              stravasync::completion<bool> done) override {
    done(true);
  }

  void
  apply(stravasync::stream_config, stravasync::completion<bool> done) override {
    done(false);
  }

  void apply(stravasync::consumer_options,
             stravasync::completion<bool> done) override {
    done(false);
  }

  void remove(std::string, std::uint64_t,
              stravasync::completion<bool> done) override {
    done(false);
  }

  void
  describe(stravasync::completion<std::vector<stravasync::stream_state>> done)
    override {
    std::vector<stravasync::stream_state> result;
    for (const auto& [name, messages] : streams_) {
      auto& one = result.emplace_back();
      one.config.name = name;
      one.config.subjects = "jobs.>";
      one.messages = messages.size();
      one.first_sequence = messages.empty() ? 1 : messages.front().sequence;
      one.last_sequence = one.first_sequence + messages.size() - 1;
    }
    done(std::move(result));
  }

  void read(stravasync::read_options options,
            stravasync::completion<std::vector<stored_message>> done) override {
    // As a NATS server: what can never match is an error.
    if (options.stream == "JOBS"
        && options.filter_subject.starts_with("events."))
      return done(stravasync::make_failure(stravasync::ec::invalid_argument,
                                           "not a valid subset"));
    std::vector<stored_message> result;
    for (const auto& one : find(options.stream))
      if (result.size() < options.limit && one.sequence >= options.from_sequence
          && one.stored_at_ms >= options.from_time_ms
          && (options.filter_subject.empty()
              || stravasync::subject_matches(options.filter_subject,
                                             one.message.subject)))
        result.push_back(one);
    done(std::move(result));
  }

  void
  last(std::string, std::string,
       stravasync::completion<std::optional<stored_message>> done) override {
    done(std::optional<stored_message>{});
  }

private:
  std::vector<std::pair<std::string, std::vector<stored_message>>> streams_;
};

} // namespace test
