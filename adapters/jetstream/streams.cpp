#include "adapters/jetstream/streams.hpp"

#include "adapters/jetstream/faults.hpp"
#include "adapters/jetstream/json.hpp"
#include "adapters/jetstream/subjects.hpp"
#include "messages/error.hpp"

#include <utility>

namespace stravasync::jetstream {

namespace {

using session_ptr = std::shared_ptr<session>;

/// A stream has its store within a few ms of its creation; after all the looks,
/// some seconds, it has, whether it answers or not.
constexpr auto store_look_deadline = milliseconds{50};
constexpr auto store_looks_max = 60;

std::string or_unlimited(std::uint64_t limit) {
  return limit == 0 ? "-1" : std::to_string(limit);
}

stream_config config_from(const json_value& config) {
  auto time = [&](std::string_view name) {
    return milliseconds{config.number(name) / ns_per_ms};
  };
  std::string subjects;
  for (const auto& each : config.items("subjects"))
    subjects += (subjects.empty() ? "" : ", ") + each.as_text();
  return {.name = config.text("name"),
          .subjects = std::move(subjects),
          .refuse_when_full = config.text("discard") == "new",
          .max_age = time("max_age"),
          .max_bytes = config.number("max_bytes"),
          .dedupe_window = time("duplicate_window")};
}

class differences {
public:
  void compare(const char* field, const std::string& there,
               const std::string& wanted) {
    if (there != wanted)
      text_ += (text_.empty() ? "" : "; ") + std::string{field} + " is " + there
               + ", expected " + wanted;
  }

  void compare(const char* field, milliseconds there, milliseconds wanted) {
    compare(field, std::to_string(there.count()) + " ms",
            std::to_string(wanted.count()) + " ms");
  }

  [[nodiscard]] const std::string& text() const {
    return text_;
  }

private:
  std::string text_;
};

std::string differing(const json_value& there, const stream_config& wanted,
                      std::uint32_t replicas) {
  auto now = config_from(there);
  auto yes_or_no = [](bool x) { return std::string{x ? "true" : "false"}; };
  differences found;
  found.compare("subjects", now.subjects, wanted.subjects);
  found.compare("refuse_when_full", yes_or_no(now.refuse_when_full),
                yes_or_no(wanted.refuse_when_full));
  found.compare("max_age", now.max_age, wanted.max_age);
  found.compare("max_bytes", std::to_string(now.max_bytes),
                std::to_string(wanted.max_bytes));
  found.compare("dedupe_window", now.dedupe_window, wanted.dedupe_window);
  found.compare("replicas", std::to_string(there.number("num_replicas")),
                std::to_string(replicas));
  found.compare("retention", there.text("retention"), "limits");
  found.compare("storage", there.text("storage"), "file");
  return found.text();
}

caf::error conflict(const std::string& stream, const std::string& why) {
  return make_failure(ec::conflict, "stream " + stream + ": " + why);
}

caf::error check(const stream_config& wanted) {
  if (!is_name(wanted.name))
    return make_failure(ec::invalid_argument,
                        "'" + wanted.name + "' cannot name a stream");
  return {};
}

/// Changes what exists, if that may be.
void change(const session_ptr& over, const stream_config& wanted,
            const json_value& there, const completion<bool>& done) {
  auto config = there.at("config");
  if (auto subjects = config_from(config).subjects; subjects != wanted.subjects)
    return done(conflict(wanted.name, "subjects is " + subjects + ", expected "
                                        + wanted.subjects));
  if (differing(config, wanted, over->replicas()).empty())
    return done(false);
  over->call("$JS.API.STREAM.UPDATE." + wanted.name,
             stream_json(wanted, over->replicas()),
             [done, name = wanted.name](const caf::expected<json_value>& got) {
               if (!got)
                 return done(with_context(got.error(), "stream " + name));
               done(true);
             });
}

using found_callback = std::function<void(const json_value& info)>;

void look_for_store(const session_ptr& over, const std::string& name, int looks,
                    const std::function<void()>& then) {
  over->request({"$JS.API.DIRECT.GET." + name, {}, "{\"seq\":1}"},
                store_look_deadline, [=](const caf::expected<received>& got) {
                  auto silent = !got && code_of(got.error()) == ec::timed_out;
                  if (silent && looks > 1)
                    return look_for_store(over, name, looks - 1, then);
                  then();
                });
}

/// Looks, and creates what is not there; `found` gets what is.
void look(const session_ptr& over, const stream_config& wanted,
          completion<bool> done, found_callback found) {
  if (auto wrong = check(wanted))
    return over->post([done, wrong] { done(wrong); });
  auto ask = [=](const session::answer_callback& answered) {
    over->call("$JS.API.STREAM.INFO." + wanted.name, "", answered);
  };
  auto exists = [=](const json_value& info) {
    await_store(over, wanted.name, info.at("config"), [=] { found(info); });
  };
  // Somebody else has just made it, or it cannot be made.
  auto made = [=](const caf::expected<bool>& got) {
    if (got || code_of(got.error()) != ec::conflict)
      return done(got);
    ask([=, why = got.error()](const caf::expected<json_value>& info) {
      if (!info)
        return done(why);
      exists(*info);
    });
  };
  ask([=](const caf::expected<json_value>& info) {
    if (info)
      return exists(*info);
    if (!is_missing(info.error()))
      return done(info.error());
    create_stream(over, wanted.name, stream_json(wanted, over->replicas()),
                  made);
  });
}

} // namespace

std::string stream_json(const stream_config& c, std::uint32_t replicas) {
  return "{\"name\":" + json_text(c.name) + ",\"subjects\":["
         + json_text(c.subjects)
         + "],\"retention\":\"limits\",\"storage\":\"file\",\"max_consumers\":"
           "-1,\"max_msgs\":-1,\"max_msgs_per_subject\":-1,\"max_msg_size\":-1"
           ",\"discard\":"
         + (c.refuse_when_full ? "\"new\"" : "\"old\"")
         + ",\"allow_direct\":true"
         + ",\"max_age\":" + nanoseconds_text(c.max_age)
         + ",\"max_bytes\":" + or_unlimited(c.max_bytes)
         + ",\"num_replicas\":" + std::to_string(replicas)
         + ",\"duplicate_window\":" + nanoseconds_text(c.dedupe_window) + "}";
}

void await_store(const session_ptr& over, const std::string& name,
                 const json_value& there, std::function<void()> then) {
  if (!there.flag("allow_direct"))
    return then();
  look_for_store(over, name, store_looks_max, then);
}

void create_stream(const session_ptr& over, const std::string& name,
                   std::string json, completion<bool> done) {
  over->call("$JS.API.STREAM.CREATE." + name, std::move(json),
             [=](const caf::expected<json_value>& got) {
               if (got)
                 return look_for_store(over, name, store_looks_max,
                                       [done] { done(true); });
               auto why = with_context(got.error(), "stream " + name);
               if (code_of(why) != ec::conflict)
                 return done(why);
               // Another node may be making it.
               over->call("$JS.API.STREAM.INFO." + name, "",
                          [=](const caf::expected<json_value>& info) {
                            if (!info)
                              return done(why);
                            await_store(over, name, info->at("config"),
                                        [=] { done(why); });
                          });
             });
}

void ensure_stream(const session_ptr& over, stream_config wanted,
                   completion<bool> done) {
  look(over, wanted, done, [=](const json_value& info) {
    auto found = differing(info.at("config"), wanted, over->replicas());
    if (!found.empty())
      return done(conflict(wanted.name, found));
    done(false);
  });
}

void apply_stream(const session_ptr& over, stream_config wanted,
                  completion<bool> done) {
  look(over, wanted, done,
       [=](const json_value& info) { change(over, wanted, info, done); });
}

stream_state state_from(const json_value& info) {
  auto state = info.at("state");
  return {.config = config_from(info.at("config")),
          .messages = state.number("messages"),
          .bytes = state.number("bytes"),
          .first_sequence = state.number("first_seq"),
          .last_sequence = state.number("last_seq"),
          .durables = {}};
}

} // namespace stravasync::jetstream
