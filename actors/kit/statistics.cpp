#include "actors/kit/statistics.hpp"

#include <map>
#include <mutex>

namespace kit {

namespace {

/// What the actors of one class that are gone counted, and those that are not.
struct class_entry {
  class_statistics retired;
  std::vector<const meter*> alive;
};

} // namespace

void meter::add_to(class_statistics& sum) const {
  sum.handled += handled_.load(std::memory_order_relaxed);
  sum.failed += failed_.load(std::memory_order_relaxed);
  sum.busy
    += std::chrono::nanoseconds{busy_ns_.load(std::memory_order_relaxed)};
}

struct actor_statistics::registry {
  std::mutex mutex;
  std::map<std::string, class_entry, std::less<>> classes;

  void retire(const std::string& actor_class, const meter* gone) {
    const auto guard = std::lock_guard{mutex};
    auto& entry = classes.at(actor_class);
    gone->add_to(entry.retired);
    std::erase(entry.alive, gone);
  }
};

actor_statistics::actor_statistics() : registry_{std::make_shared<registry>()} {
}

meter_ptr actor_statistics::meter_for(std::string_view actor_class) const {
  auto name = std::string{actor_class};
  auto made = std::make_unique<meter>();
  {
    const auto guard = std::lock_guard{registry_->mutex};
    auto& entry = registry_->classes[name];
    entry.retired.actor_class = name;
    ++entry.retired.started;
    entry.alive.push_back(made.get());
  }
  return {made.release(), [registry = registry_, name](const meter* gone) {
            registry->retire(name, gone);
            delete gone;
          }};
}

std::vector<class_statistics> actor_statistics::snapshot() const {
  std::vector<class_statistics> result;
  const auto guard = std::lock_guard{registry_->mutex};
  for (const auto& [name, entry] : registry_->classes) {
    auto& sum = result.emplace_back(entry.retired);
    sum.alive = entry.alive.size();
    for (const auto* one : entry.alive) {
      one->add_to(sum);
      sum.waiting += one->waiting();
    }
  }
  return result;
}

} // namespace kit
