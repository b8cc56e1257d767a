#include "tests/support/fake_bus.hpp"

#include "messages/error.hpp"

#include <algorithm>
#include <stdexcept>

namespace test {

using namespace stravasync;

namespace {

std::string to_string(settlement::kind what) {
  switch (what) {
    case settlement::kind::ack:
      return "ack";
    case settlement::kind::nak:
      return "nak";
    case settlement::kind::in_progress:
      return "in_progress";
    case settlement::kind::term:
      return "term";
  }
  return "unknown";
}

bool matches(const std::string& filter, const envelope& message) {
  return filter.empty() || subject_matches(filter, message.subject);
}

} // namespace

class fake_bus::member final : public subscription {
public:
  explicit member(fake_bus& bus) : bus_{bus} {
  }

  ~member() override {
    bus_.on_message_ = nullptr;
    bus_.left = true;
  }

  void request(std::size_t credit) override {
    bus_.credit += credit;
  }

  void
  settle(std::string token, settlement what, completion<bool> done) override {
    bus_.settled_by(std::move(token), what, std::move(done));
  }

private:
  fake_bus& bus_;
};

class fake_bus::exhausted_member final : public subscription {
public:
  explicit exhausted_member(fake_bus& bus) : bus_{bus} {
  }

  ~exhausted_member() override {
    bus_.on_exhausted_ = nullptr;
  }

  void request(std::size_t credit) override {
    bus_.exhausted_credit += credit;
  }

  void
  settle(std::string token, settlement what, completion<bool> done) override {
    bus_.settled_by(std::move(token), what, std::move(done));
  }

private:
  fake_bus& bus_;
};

void fake_bus::fail(const std::string& operation, caf::error why, int times) {
  for (auto i = 0; i < times; ++i)
    failures_[operation].push_back(why);
}

void fake_bus::hold(const std::string& operation) {
  holding_.insert(operation);
}

void fake_bus::release() {
  holding_.clear();
  while (!held_.empty())
    release_one();
}

std::size_t fake_bus::held() const {
  return held_.size();
}

void fake_bus::release_one() {
  auto first = std::move(held_.at(0));
  held_.pop_front();
  first();
}

std::string fake_bus::deliver(delivery what) {
  if (!on_message_ || credit == 0)
    throw std::logic_error{"nobody asked for a delivery"};
  --credit;
  what.token = "t" + std::to_string(++tokens_);
  auto token = what.token;
  on_message_(std::move(what));
  return token;
}

std::string fake_bus::exhaust(exhausted_delivery what) {
  if (!on_exhausted_ || exhausted_credit == 0)
    throw std::logic_error{"nobody asked for a notice"};
  --exhausted_credit;
  what.token = "t" + std::to_string(++tokens_);
  auto token = what.token;
  on_exhausted_(std::move(what));
  return token;
}

std::vector<std::string> fake_bus::take_log() {
  auto begin = log_.begin() + static_cast<std::ptrdiff_t>(taken_);
  taken_ = log_.size();
  return {begin, log_.end()};
}

std::size_t fake_bus::calls(const std::string& prefix) const {
  return static_cast<std::size_t>(std::ranges::count_if(
    log_, [&](const auto& line) { return line.starts_with(prefix); }));
}

std::vector<envelope>
fake_bus::stored(const std::string& filter_subject) const {
  std::vector<envelope> result;
  for (const auto& [name, messages] : streams_)
    for (const auto& one : messages)
      if (matches(filter_subject, one.message))
        result.push_back(one.message);
  return result;
}

void fake_bus::publish(envelope message, completion<publish_ack> done) {
  auto id = std::string{message.header_or_empty(header::message_id)};
  using result = caf::expected<publish_ack>;
  auto outcome = [&]() -> result {
    if (auto why = note("publish", message.subject + " " + id))
      return why;
    for (const auto& [filter, why] : refused)
      if (subject_matches(filter, message.subject))
        return why;
    auto home = std::ranges::find_if(streams(), [&](const auto& one) {
      return subject_matches(one.subjects, message.subject);
    });
    if (home == streams().end())
      return make_failure(ec::not_found, "no stream takes " + message.subject);
    auto name = std::string{home->name};
    auto& all = streams_[name];
    auto& last = last_sequences_[name];
    publish_ack ack{name, last + 1, false};
    for (const auto& one : all)
      if (!id.empty()
          && one.message.header_or_empty(header::message_id) == id) {
        ack.sequence = one.sequence;
        ack.duplicate = true;
      }
    if (!ack.duplicate) {
      all.push_back({std::move(message), ack.sequence, 0});
      last = ack.sequence;
    }
    return ack;
  };
  answer<publish_ack>("publish", std::move(done), outcome());
}

void fake_bus::subscribe(consumer_options options, delivery_callback on_message,
                         completion<std::shared_ptr<subscription>> done) {
  using result = caf::expected<std::shared_ptr<subscription>>;
  auto why = note("subscribe", options.durable);
  if (why)
    return answer<std::shared_ptr<subscription>>("subscribe", std::move(done),
                                                 result{std::move(why)});
  joined = std::move(options);
  on_message_ = std::move(on_message);
  answer<std::shared_ptr<subscription>>(
    "subscribe", std::move(done), result{std::make_shared<member>(*this)});
}

void fake_bus::subscribe_exhausted(
  std::string durable, exhausted_callback on_exhausted,
  completion<std::shared_ptr<subscription>> done) {
  using result = caf::expected<std::shared_ptr<subscription>>;
  if (auto why = note("subscribe_exhausted", durable))
    return answer<std::shared_ptr<subscription>>(
      "subscribe_exhausted", std::move(done), result{std::move(why)});
  joined_exhausted = std::move(durable);
  on_exhausted_ = std::move(on_exhausted);
  answer<std::shared_ptr<subscription>>(
    "subscribe_exhausted", std::move(done),
    result{std::make_shared<exhausted_member>(*this)});
}

void fake_bus::apply(stream_config config, completion<bool> done) {
  auto why = note("apply", config.name);
  answer<bool>("apply", std::move(done), why ? caf::expected<bool>{why} : true);
}

void fake_bus::apply(consumer_options options, completion<bool> done) {
  auto why = note("apply", options.durable);
  answer<bool>("apply", std::move(done), why ? caf::expected<bool>{why} : true);
}

void fake_bus::ensure(stream_config config, completion<bool> done) {
  auto why = note("ensure", config.name);
  answer<bool>("ensure", std::move(done),
               why ? caf::expected<bool>{why} : true);
}

void fake_bus::describe(completion<std::vector<stream_state>> done) {
  using result = caf::expected<std::vector<stream_state>>;
  if (auto why = note("describe", ""))
    return answer<std::vector<stream_state>>("describe", std::move(done),
                                             result{std::move(why)});
  std::vector<stream_state> all;
  for (const auto& one : streams()) {
    auto& state = all.emplace_back();
    state.config.name = one.name;
    state.config.subjects = one.subjects;
    const auto& all_of_it = streams_[state.config.name];
    state.durables = durables[state.config.name];
    if (auto bound = fillings.find(state.config.name);
        bound != fillings.end()) {
      state.config.refuse_when_full = true;
      state.config.max_bytes = bound->second.max_bytes;
      state.bytes = bound->second.bytes;
    }
    state.messages = all_of_it.size();
    state.last_sequence = last_sequences_[state.config.name];
    state.first_sequence = all_of_it.empty() ? state.last_sequence + 1
                                             : all_of_it.front().sequence;
  }
  answer<std::vector<stream_state>>("describe", std::move(done), result{all});
}

void fake_bus::read(read_options options,
                    completion<std::vector<stored_message>> done) {
  using result = caf::expected<std::vector<stored_message>>;
  auto outcome = [&]() -> result {
    if (auto why = note("read", options.filter_subject))
      return why;
    std::vector<stored_message> found;
    for (const auto& one : streams_[options.stream])
      if (found.size() < options.limit && one.sequence >= options.from_sequence
          && matches(options.filter_subject, one.message))
        found.push_back(one);
    return found;
  };
  answer<std::vector<stored_message>>("read", std::move(done), outcome());
}

void fake_bus::last(std::string stream, std::string filter_subject,
                    completion<std::optional<stored_message>> done) {
  using result = caf::expected<std::optional<stored_message>>;
  auto outcome = [&]() -> result {
    if (auto why = note("last", filter_subject))
      return why;
    std::optional<stored_message> found;
    for (const auto& one : streams_[stream])
      if (matches(filter_subject, one.message))
        found = one;
    return found;
  };
  answer<std::optional<stored_message>>("last", std::move(done), outcome());
}

caf::error
fake_bus::note(const std::string& operation, const std::string& what) {
  log_.push_back(operation + " " + what);
  auto& scripted = failures_[operation];
  if (scripted.empty())
    return {};
  auto why = std::move(scripted.front());
  scripted.pop_front();
  return why;
}

void fake_bus::settled_by(std::string token, settlement what,
                          completion<bool> done) {
  auto why = note("settle", token + " " + to_string(what.decision));
  settlements.push_back({std::move(token), what});
  answer<bool>("settle", std::move(done),
               why ? caf::expected<bool>{why} : true);
}

} // namespace test
