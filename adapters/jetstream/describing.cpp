#include "adapters/jetstream/streams.hpp"

#include <algorithm>
#include <utility>

namespace stravasync::jetstream {

namespace {

/// Asks page by page for streams, then for the consumers of each.
class description : public std::enable_shared_from_this<description> {
public:
  description(std::shared_ptr<session> over,
              completion<std::vector<stream_state>> done)
    : over_(std::move(over)),
      done_(std::move(done)) {
  }

  void next_streams() {
    over_->call("$JS.API.STREAM.LIST", page(streams_seen_),
                [self = shared_from_this()](const auto& got) {
                  self->take_streams(got);
                });
  }

private:
  static std::string page(std::size_t offset) {
    return "{\"offset\":" + std::to_string(offset) + "}";
  }

  void take_streams(const caf::expected<json_value>& got) {
    if (!got)
      return done_(got.error());
    auto streams = got->items("streams");
    streams_seen_ += streams.size();
    for (const auto& each : streams) {
      auto state = state_from(each);
      if (!state.config.name.starts_with(bucket_prefix)
          && state.config.name != notices_stream)
        result_.push_back(std::move(state));
    }
    if (!streams.empty() && streams_seen_ < got->number("total"))
      return next_streams();
    std::ranges::sort(result_, {}, [](const auto& x) { return x.config.name; });
    next_consumers();
  }

  void next_consumers() {
    if (at_ == result_.size())
      return done_(std::move(result_));
    over_->call("$JS.API.CONSUMER.LIST." + result_[at_].config.name,
                page(consumers_seen_),
                [self = shared_from_this()](const auto& got) {
                  self->take_consumers(got);
                });
  }

  void take_consumers(const caf::expected<json_value>& got) {
    if (!got)
      return done_(got.error());
    // Between two leaders a consumer does not answer, nor does one that was in
    // the memory of a server that is gone.
    if (!got->items("missing").empty())
      result_[at_].all_answered = false;
    auto consumers = got->items("consumers");
    consumers_seen_ += consumers.size();
    auto& durables = result_[at_].durables;
    for (const auto& each : consumers) {
      auto config = each.at("config");
      if (config.text("durable_name").empty())
        continue;
      durables.push_back(
        {.name = config.text("durable_name"),
         .filter_subject = config.text("filter_subject"),
         .pending = each.number("num_pending"),
         .ack_pending = each.number("num_ack_pending"),
         .redelivered = each.number("num_redelivered"),
         .settled_to = each.at("ack_floor").number("stream_seq")});
    }
    if (consumers.empty() || consumers_seen_ >= got->number("total")) {
      std::ranges::sort(durables, {}, &durable_state::name);
      consumers_seen_ = 0;
      ++at_;
    }
    next_consumers();
  }

  std::shared_ptr<session> over_;
  completion<std::vector<stream_state>> done_;
  std::vector<stream_state> result_;
  std::size_t streams_seen_ = 0;
  std::size_t consumers_seen_ = 0;
  std::size_t at_ = 0;
};

} // namespace

void describe_streams(const std::shared_ptr<session>& over,
                      completion<std::vector<stream_state>> done) {
  std::make_shared<description>(over, std::move(done))->next_streams();
}

} // namespace stravasync::jetstream
