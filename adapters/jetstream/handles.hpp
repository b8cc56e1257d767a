#pragma once

#include <nats/nats.h>

#include <memory>

namespace stravasync::jetstream {

struct nats_deleter {
  void operator()(natsMsg* what) const {
    natsMsg_Destroy(what);
  }
  void operator()(natsOptions* what) const {
    natsOptions_Destroy(what);
  }
};

using message_handle = std::unique_ptr<natsMsg, nats_deleter>;
using options_handle = std::unique_ptr<natsOptions, nats_deleter>;
using connection_handle = std::shared_ptr<natsConnection>;

} // namespace stravasync::jetstream
