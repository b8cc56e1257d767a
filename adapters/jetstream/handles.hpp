#pragma once

#include <nats/nats.h>

#include <cstdlib>
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

/// Frees what the library made with malloc and gave away.
struct malloc_deleter {
  void operator()(void* what) const {
    std::free(what); // NOLINT(cppcoreguidelines-no-malloc): no other way.
  }
};

using message_handle = std::unique_ptr<natsMsg, nats_deleter>;
using options_handle = std::unique_ptr<natsOptions, nats_deleter>;
using connection_handle = std::shared_ptr<natsConnection>;
template <class T>
using malloc_handle = std::unique_ptr<T, malloc_deleter>;

} // namespace stravasync::jetstream
