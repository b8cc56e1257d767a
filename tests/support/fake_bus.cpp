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
    auto why = bus_.note("settle", token + " " + to_string(what.decision));
    bus_.settlements.push_back({std::move(token), what});
    bus_.answer<bool>("settle", std::move(done),
                      why ? caf::expected<bool>{why} : true);
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

std::string
fake_bus::value(const std::string& bucket, const std::string& key) const {
  auto found = values_.find({bucket, key});
  return found == values_.end() ? std::string{} : found->second.value;
}

void fake_bus::set(const std::string& bucket, const std::string& key,
                   std::string value) {
  values_[{bucket, key}] = {std::move(value), ++revision_};
}

void fake_bus::publish(envelope message, completion<publish_ack> done) {
  auto id = std::string{message.header_or_empty(header::message_id)};
  using result = caf::expected<publish_ack>;
  auto outcome = [&]() -> result {
    if (auto why = note("publish", message.subject + " " + id))
      return why;
    auto home = std::ranges::find_if(streams(), [&](const auto& one) {
      return subject_matches(one.subjects, message.subject);
    });
    if (home == streams().end())
      return make_failure(ec::not_found, "no stream takes " + message.subject);
    auto& all = streams_[std::string{home->name}];
    publish_ack ack{std::string{home->name}, all.size() + 1, false};
    for (const auto& one : all)
      if (!id.empty()
          && one.message.header_or_empty(header::message_id) == id) {
        ack.sequence = one.sequence;
        ack.duplicate = true;
      }
    if (!ack.duplicate)
      all.push_back({std::move(message), ack.sequence, 0});
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
    state.messages = streams_[state.config.name].size();
    state.first_sequence = 1;
    state.last_sequence = state.messages;
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

void fake_bus::get(std::string bucket, std::string key,
                   completion<std::optional<key_value_entry>> done) {
  using result = caf::expected<std::optional<key_value_entry>>;
  auto outcome = [&]() -> result {
    if (auto why = note("get", bucket + "/" + key))
      return why;
    auto found = values_.find({bucket, key});
    return found == values_.end() ? std::optional<key_value_entry>{}
                                  : std::optional{found->second};
  };
  answer<std::optional<key_value_entry>>("get", std::move(done), outcome());
}

void fake_bus::put(std::string bucket, std::string key, std::string value,
                   std::uint64_t expected, completion<std::uint64_t> done) {
  auto outcome = [&]() -> caf::expected<std::uint64_t> {
    if (auto why = note("put", bucket + "/" + key))
      return why;
    auto found = values_.find({bucket, key});
    if ((found == values_.end() ? 0 : found->second.revision) != expected)
      return make_failure(ec::conflict, key + " was written meanwhile");
    set(bucket, key, std::move(value));
    return revision_;
  };
  answer<std::uint64_t>("put", std::move(done), outcome());
}

void fake_bus::erase(std::string bucket, std::string key,
                     completion<bool> done) {
  auto why = note("erase", bucket + "/" + key);
  auto result = why ? caf::expected<bool>{why}
                    : values_.erase({bucket, key}) > 0;
  answer<bool>("erase", std::move(done), std::move(result));
}

void fake_bus::keys(std::string bucket,
                    completion<std::vector<std::string>> done) {
  using result = caf::expected<std::vector<std::string>>;
  if (auto why = note("keys", bucket))
    return answer<std::vector<std::string>>("keys", std::move(done),
                                            result{std::move(why)});
  std::vector<std::string> found;
  for (const auto& [where, entry] : values_)
    if (where.first == bucket)
      found.push_back(where.second);
  answer<std::vector<std::string>>("keys", std::move(done), result{found});
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

template <class T>
void fake_bus::answer(const std::string& operation, completion<T> done,
                      caf::expected<T> result) {
  if (!holding_.contains(operation))
    return done(std::move(result));
  held_.push_back(
    [done = std::move(done), result = std::move(result)] { done(result); });
}

} // namespace test
