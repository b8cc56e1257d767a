#include "adapters/jetstream/jetstream.hpp"
#include "bench/support/bus_driver.hpp"
#include "tests/support/nats_server.hpp"

#include <benchmark/benchmark.h>
#include <nats/nats.h>

#include <algorithm>

/// @file
/// The bus on a real nats-server of its own, beside the client library's own
/// asynchronous publish with the same messages. What is acknowledged is in the
/// server's file, not synced (its default).

namespace {

using namespace stravasync;

constexpr auto count = std::int64_t{20'000};

/// Of a round with `window` in flight: a bounded time, however small it is.
std::int64_t messages_of_round(std::int64_t window) {
  return std::min(count, 500 * window);
}

class bench_bus {
public:
  bench_bus() : driver_{open()} {
    // nop
  }

  bench::bus_driver* operator->() {
    return &driver_;
  }

private:
  std::shared_ptr<bus> open() {
    auto opened = jetstream::open(
      {.urls = {server_.url()}, .publish_in_flight_max = 10'000}, log_);
    if (!opened)
      bench::give_up(detail_of(opened.error()));
    return opened->messages;
  }

  test::nats_server server_;
  bench::quiet_log log_;
  bench::bus_driver driver_;
};

void publish(benchmark::State& state) {
  bench_bus on;
  auto messages = messages_of_round(state.range(0));
  for (auto _ : state)
    on->publish(messages, state.range(0));
  state.SetItemsProcessed(state.iterations() * messages);
}
BENCHMARK(publish)->Arg(1)->Arg(10)->Arg(100)->Arg(4'000)->UseRealTime();

void must(natsStatus status) {
  if (status != NATS_OK)
    bench::give_up(natsStatus_GetText(status));
}

/// One message as `bus_driver` publishes it.
natsMsg* make_message(std::int64_t number) {
  auto body = bench::payload();
  natsMsg* result = nullptr;
  must(natsMsg_Create(&result, bench::subject_of(number).c_str(), nullptr,
                      body.data(), static_cast<int>(body.size())));
  must(
    natsMsgHeader_Set(result, "Nats-Msg-Id", std::to_string(number).c_str()));
  must(natsMsgHeader_Set(result, "Ss-Type", "stravasync.jobs.v1.SyncAthlete"));
  return result;
}

void client_library_publish(benchmark::State& state) {
  test::nats_server server;
  natsConnection* connection = nullptr;
  must(natsConnection_ConnectTo(&connection, server.url().c_str()));
  jsOptions options;
  must(jsOptions_Init(&options));
  options.PublishAsync.MaxPending = state.range(0);
  options.PublishAsync.StallWait = 10'000;
  jsCtx* js = nullptr;
  must(natsConnection_JetStream(&js, connection, &options));
  jsStreamConfig stream;
  must(jsStreamConfig_Init(&stream));
  const char* subject = "jobs.>";
  stream.Name = "JOBS";
  stream.Subjects = &subject;
  stream.SubjectsLen = 1;
  must(js_AddStream(nullptr, js, &stream, nullptr, nullptr));
  auto messages = messages_of_round(state.range(0));
  auto number = std::int64_t{0};
  for (auto _ : state) {
    for (auto i = std::int64_t{0}; i < messages; ++i) {
      auto* message = make_message(++number);
      must(js_PublishMsgAsync(js, &message, nullptr));
    }
    must(js_PublishAsyncComplete(js, nullptr));
  }
  state.SetItemsProcessed(state.iterations() * messages);
  jsCtx_Destroy(js);
  natsConnection_Destroy(connection);
}
BENCHMARK(client_library_publish)
  ->Arg(1)
  ->Arg(10)
  ->Arg(100)
  ->Arg(4'000)
  ->UseRealTime();

void deliver_and_ack(benchmark::State& state) {
  bench_bus on;
  on->publish(count, 4'000);
  auto round = 0;
  for (auto _ : state)
    on->consume("d" + std::to_string(++round), count,
                static_cast<std::size_t>(state.range(0)));
  state.SetItemsProcessed(state.iterations() * count);
}
BENCHMARK(deliver_and_ack)->Arg(100)->Arg(1'000)->UseRealTime();

} // namespace

BENCHMARK_MAIN();
