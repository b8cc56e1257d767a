#include "adapters/jetstream/jetstream.hpp"
#include "messages/error.hpp"
#include "tests/contracts/bus_contract.hpp"
#include "tests/support/nats_server.hpp"
#include "tests/support/silent_log.hpp"

#include <catch2/catch_test_macros.hpp>
#include <nats/nats.h>

#include <stdexcept>
#include <string>

namespace stravasync::test {

namespace {

/// One for all cases: a fixture begins by deleting what the last one left.
::test::nats_server& server() {
  // Messages of 8 MiB are the port's limit, 1 MiB the server's default.
  static auto running
    = ::test::nats_server{{.configuration = "max_payload: 8MB"}};
  return running;
}

void must(natsStatus status) {
  if (status != NATS_OK)
    throw std::runtime_error(natsStatus_GetText(status));
}

void delete_all_streams() {
  natsConnection* connection = nullptr;
  must(natsConnection_ConnectTo(&connection, server().url().c_str()));
  jsCtx* js = nullptr;
  must(natsConnection_JetStream(&js, connection, nullptr));
  jsStreamNamesList* names = nullptr;
  auto status = js_StreamNames(&names, js, nullptr, nullptr);
  for (auto i = 0; status == NATS_OK && i < names->Count; ++i)
    must(js_DeleteStream(js, names->List[i], nullptr, nullptr));
  jsStreamNamesList_Destroy(names);
  jsCtx_Destroy(js);
  natsConnection_Destroy(connection);
}

class jetstream_fixture final : public bus_fixture {
public:
  jetstream_fixture() {
    delete_all_streams();
  }

  std::shared_ptr<bus> open() override {
    auto result = jetstream::open({.urls = {server().url()}}, log_);
    if (!result)
      throw std::runtime_error(detail_of(result.error()));
    return result->messages;
  }

private:
  ::test::silent_log log_;
};

} // namespace

std::unique_ptr<bus_fixture> make_bus_fixture() {
  if (!::test::nats_server::installed())
    SKIP("nats-server is not installed");
  return std::make_unique<jetstream_fixture>();
}

} // namespace stravasync::test
