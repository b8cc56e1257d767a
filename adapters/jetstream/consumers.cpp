#include "adapters/jetstream/consumers.hpp"

#include "adapters/jetstream/faults.hpp"
#include "adapters/jetstream/json.hpp"
#include "adapters/jetstream/subjects.hpp"
#include "messages/error.hpp"

#include <algorithm>
#include <utility>

namespace stravasync::jetstream {

namespace {

using session_ptr = std::shared_ptr<session>;

/// Nobody asked for so long: the server removes an ephemeral consumer.
constexpr auto inactive_threshold = std::chrono::minutes{5};

std::string start_json(const start_position& start) {
  switch (start.from) {
    case start_position::kind::first:
      return R"("deliver_policy":"all")";
    case start_position::kind::next_new:
      return R"("deliver_policy":"new")";
    case start_position::kind::sequence:
      return R"("deliver_policy":"by_start_sequence","opt_start_seq":)"
             + std::to_string(std::max<std::uint64_t>(start.sequence, 1));
    case start_position::kind::time:
      return R"("deliver_policy":"by_start_time","opt_start_time":)"
             + json_text(to_rfc3339(start.time_ms));
  }
  return {};
}

/// @returns how an existing consumer began.
start_position start_of(const json_value& config) {
  auto policy = config.text("deliver_policy");
  using kind = start_position::kind;
  if (policy == "by_start_sequence")
    return {.from = kind::sequence, .sequence = config.number("opt_start_seq")};
  if (policy == "by_start_time")
    return {.from = kind::time,
            .time_ms = from_rfc3339(config.text("opt_start_time"))};
  return {.from = policy == "new" ? kind::next_new : kind::first};
}

std::string filter_json(const consumer_options& options) {
  return options.filter_subject.empty()
           ? std::string{}
           : ",\"filter_subject\":" + json_text(options.filter_subject);
}

std::string max_deliver(const consumer_options& options) {
  return options.max_deliver == 0 ? "-1" : std::to_string(options.max_deliver);
}

std::string durable_json(const consumer_options& o) {
  return "{\"stream_name\":" + json_text(o.stream)
         + R"(,"config":{"durable_name":)" + json_text(o.durable) + ","
         + start_json(o.start) + filter_json(o)
         + ",\"ack_policy\":\"explicit\",\"replay_policy\":\"instant\""
           ",\"ack_wait\":"
         + nanoseconds_text(o.ack_wait) + ",\"max_deliver\":" + max_deliver(o)
         + ",\"max_ack_pending\":" + std::to_string(o.max_ack_pending) + "}}";
}

std::string ephemeral_json(const reader_options& r) {
  const auto& o = r.options;
  return "{\"stream_name\":" + json_text(o.stream) + ",\"config\":{"
         + (r.last_per_subject ? R"("deliver_policy":"last_per_subject")"
                               : start_json(o.start))
         + filter_json(o) + (r.headers_only ? ",\"headers_only\":true" : "")
         + ",\"ack_policy\":\"none\",\"replay_policy\":\"instant\""
           ",\"max_deliver\":-1,\"mem_storage\":true,\"num_replicas\":1"
           ",\"inactive_threshold\":"
         + nanoseconds_text(inactive_threshold) + "}}";
}

/// @returns each field that differs with both values.
std::string differing(const json_value& there, const consumer_options& o) {
  std::string result;
  auto compare = [&](const char* field, const std::string& is,
                     const std::string& wanted) {
    if (is != wanted)
      result += (result.empty() ? "" : "; ") + std::string{field} + " is " + is
                + ", expected " + wanted;
  };
  auto ms = [](std::uint64_t ns) {
    return std::to_string(ns / ns_per_ms) + " ms";
  };
  compare("filter_subject", there.text("filter_subject"), o.filter_subject);
  compare("ack_wait", ms(there.number("ack_wait")),
          std::to_string(o.ack_wait.count()) + " ms");
  compare("max_ack_pending", std::to_string(there.number("max_ack_pending")),
          std::to_string(o.max_ack_pending));
  compare("max_deliver", std::to_string(there.number("max_deliver")),
          std::to_string(o.max_deliver));
  compare("ack_policy", there.text("ack_policy"), "explicit");
  compare("deliver_subject", there.text("deliver_subject"), "");
  return result;
}

std::string name_of(const consumer_options& o) {
  return "durable " + o.durable + " of stream " + o.stream;
}

joined_consumer joined(const json_value& info) {
  return {info.text("name"), info.number("num_pending"),
          info.at("delivered").number("stream_seq")};
}

void create_durable(session& over, const consumer_options& options,
                    const joined_callback& done) {
  over.call("$JS.API.CONSUMER.DURABLE.CREATE." + options.stream + "."
              + options.durable,
            durable_json(options),
            [done, options](const caf::expected<json_value>& got) {
              if (!got)
                return done(with_context(got.error(), name_of(options)));
              done(joined(*got));
            });
}

using info_callback = completion<std::optional<json_value>>;

/// Nothing if there is no such durable; an error if there is no such stream.
void find_durable(session& over, const consumer_options& o,
                  info_callback done) {
  over.call("$JS.API.CONSUMER.INFO." + o.stream + "." + o.durable, "",
            [done = std::move(done), o](const caf::expected<json_value>& got) {
              if (got)
                return done(std::optional{*got});
              // The stream may be what is missing: creating tells.
              if (is_missing(got.error()))
                return done(std::optional<json_value>{});
              done(with_context(got.error(), name_of(o)));
            });
}

caf::error check(const consumer_options& options) {
  if (!is_name(options.stream))
    return make_failure(ec::not_found, "no stream '" + options.stream + "'");
  if (!options.durable.empty() && !is_name(options.durable))
    return make_failure(ec::invalid_argument,
                        "'" + options.durable + "' cannot name a durable");
  return {};
}

} // namespace

void join_durable(const session_ptr& over, const consumer_options& options,
                  joined_callback done) {
  if (auto wrong = check(options))
    return over->post([done, wrong] { done(wrong); });
  find_durable(*over, options, [=](const auto& info) {
    if (!info)
      return done(info.error());
    if (!*info)
      return create_durable(*over, options, done);
    auto found = differing((*info)->at("config"), options);
    if (!found.empty())
      return done(make_failure(ec::conflict, name_of(options) + ": " + found));
    done(joined(**info));
  });
}

void make_ephemeral(const session_ptr& over, const reader_options& options,
                    joined_callback done) {
  if (auto wrong = check(options.options))
    return over->post([done, wrong] { done(wrong); });
  over->call("$JS.API.CONSUMER.CREATE." + options.options.stream,
             ephemeral_json(options),
             [done, stream = options.options.stream](const auto& got) {
               if (!got)
                 return done(with_context(got.error(), "stream " + stream));
               done(joined(*got));
             });
}

void delete_consumer(session& over, const std::string& stream,
                     const std::string& name) {
  over.tell({"$JS.API.CONSUMER.DELETE." + stream + "." + name, {}, ""});
}

void apply_consumer(const session_ptr& over, const consumer_options& options,
                    completion<bool> done) {
  if (auto wrong = check(options))
    return over->post([done, wrong] { done(wrong); });
  find_durable(*over, options, [=](const auto& info) {
    if (!info)
      return done(info.error());
    auto changed = [done](const caf::expected<joined_consumer>& got) {
      if (!got)
        return done(got.error());
      done(true);
    };
    if (!*info)
      return create_durable(*over, options, changed);
    auto config = (*info)->at("config");
    if (config.text("filter_subject") != options.filter_subject)
      return done(make_failure(ec::conflict, name_of(options) + ": "
                                               + differing(config, options)));
    if (differing(config, options).empty())
      return done(false);
    // Where it began cannot be changed, only repeated.
    auto wanted = options;
    wanted.start = start_of(config);
    create_durable(*over, wanted, changed);
  });
}

} // namespace stravasync::jetstream
