#pragma once

#include "adapters/callbacks/callback_thread.hpp"
#include "adapters/jetstream/handles.hpp"
#include "adapters/jetstream/received.hpp"
#include "messages/contracts.hpp"

#include <caf/error.hpp>
#include <caf/expected.hpp>
#include <nats/nats.h>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

namespace stravasync::jetstream {

/// A message to send.
struct outgoing {
  std::string subject;
  header_map headers;
  std::string payload;
};

using steady_time = std::chrono::steady_clock::time_point;

[[nodiscard]] inline steady_time steady_now() {
  return std::chrono::steady_clock::now();
}

using reply_callback = std::function<void(caf::expected<received>)>;

/// What is to be sent and what waits for its reply. Nobody waits for a socket
/// but the thread in `run`.
class exchange {
public:
  /// @param inbox Replies are sent to this subject and a number.
  /// @param in_flight_max Bounds what was sent by `publish` and has no reply;
  /// twice as many wait for their turn.
  /// @param elsewhere Where callbacks of what cannot be sent are made.
  exchange(std::string inbox, std::size_t in_flight_max,
           callbacks::callback_thread& elsewhere);

  /// Sends in the order of the calls of one thread. `done` is called from
  /// `answered` and the calls that end waiting.
  /// @returns false if too much waits already; `done` is not called then.
  [[nodiscard]] bool
  publish(outgoing what, steady_time until, reply_callback done);

  /// The same without bound, before all that waits for its turn.
  void request(outgoing what, steady_time until, reply_callback done);

  /// Sends what needs no reply, unless the connection is down then.
  /// @param reply May be empty.
  void tell(outgoing what, std::string reply = {});

  /// Calls back whoever waits for this reply.
  void answered(const received& what);

  /// Ends waiting with `why`: of all, of those with this subject, of those
  /// whose time is over.
  void fail_all(const caf::error& why);
  void fail_subject(std::string_view subject, const caf::error& why);
  void expire(steady_time now);

  /// Sends over what is the connection then, until `stop` and what is left.
  void run(const std::function<connection_handle()>& connection);
  void stop();

private:
  struct waiting {
    std::string subject;
    steady_time until;
    reply_callback done;
    bool in_flight = false; // Sent by `publish`.
  };

  struct letter {
    outgoing what;
    std::string reply;
    std::uint64_t id = 0; // 0: nobody waits.
  };

  using finished = std::vector<reply_callback>;

  using table = std::unordered_map<std::uint64_t, waiting>;

  std::uint64_t
  remember(const outgoing& what, steady_time until, reply_callback done);
  reply_callback forget(std::uint64_t id);
  reply_callback take(table::iterator which);
  template <class Condition>
  finished forget_if(Condition&& condition);
  bool next(letter& out);
  void send(natsConnection* over, letter& what);

  const std::string inbox_;
  const std::size_t in_flight_max_;
  callbacks::callback_thread& elsewhere_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<letter> urgent_;
  std::deque<letter> publishes_;
  std::size_t publish_bytes_ = 0; // Of `publishes_`.
  table waiting_;
  std::size_t in_flight_ = 0;
  std::uint64_t last_id_ = 0;
  bool stopping_ = false;
};

} // namespace stravasync::jetstream
