#include "adapters/telemetry/metrics.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <mutex>
#include <sstream>
#include <stdexcept>
#include <utility>

namespace stravasync::telemetry {

namespace {

prometheus::MetricFamily to_prometheus(sample_family from) {
  auto result = prometheus::MetricFamily{};
  result.name = std::move(from.name);
  result.help = std::move(from.help);
  result.type = from.is == sample_family::kind::counter
                  ? prometheus::MetricType::Counter
                  : prometheus::MetricType::Gauge;
  for (auto& sample : from.samples) {
    auto& metric = result.metric.emplace_back();
    for (auto& [name, value] : sample.labels)
      metric.label.push_back({name, value});
    metric.counter.value = sample.value;
    metric.gauge.value = sample.value;
  }
  return result;
}

/// Several sources may tell of one name, which may appear only once.
void merge(std::vector<prometheus::MetricFamily>& into,
           prometheus::MetricFamily family) {
  auto found = std::ranges::find(into, family.name,
                                 &prometheus::MetricFamily::name);
  if (found == into.end())
    into.push_back(std::move(family));
  else if (found->type == family.type)
    std::ranges::move(family.metric, std::back_inserter(found->metric));
}

/// Runs `make`, whose library throws if a name is not valid.
template <class Handle, class Make>
Handle registered(Make make) {
  try {
    return Handle{make()};
  } catch (const std::invalid_argument&) {
    assert(false); // The name or a label is not valid, or of two kinds.
    return Handle{};
  }
}

} // namespace

void counter::add(double by) {
  if (of_ != nullptr)
    of_->Increment(by);
}

void gauge::set(double value) {
  if (of_ != nullptr)
    of_->Set(value);
}

void gauge::add(double by) {
  if (of_ != nullptr)
    of_->Increment(by);
}

void histogram::observe(double value) {
  if (of_ != nullptr)
    of_->Observe(value);
}

std::span<const double> duration_bounds() {
  static constexpr auto bounds = std::array{
    0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
    0.1,    0.25,    0.5,    1.0,   2.5,    5.0,   10.0, 30.0};
  return bounds;
}

struct metrics::state {
  prometheus::Registry registry;
  /// Held while collectors run, so that `remove` waits for them.
  mutable std::mutex mutex;
  std::map<std::uint64_t, collector> collectors;
  std::uint64_t next_id = 1;
};

metrics::metrics() : state_{std::make_unique<state>()} {
}

metrics::~metrics() = default;

counter metrics::counter_of(const std::string& name, const std::string& help,
                            const label_map& labels) {
  return registered<counter>([&]() -> auto& {
    return prometheus::BuildCounter()
      .Name(name)
      .Help(help)
      .Register(state_->registry)
      .Add(labels);
  });
}

gauge metrics::gauge_of(const std::string& name, const std::string& help,
                        const label_map& labels) {
  return registered<gauge>([&]() -> auto& {
    return prometheus::BuildGauge()
      .Name(name)
      .Help(help)
      .Register(state_->registry)
      .Add(labels);
  });
}

histogram
metrics::histogram_of(const std::string& name, const std::string& help,
                      std::span<const double> bounds, const label_map& labels) {
  return registered<histogram>([&]() -> auto& {
    auto buckets = prometheus::Histogram::BucketBoundaries{bounds.begin(),
                                                           bounds.end()};
    return prometheus::BuildHistogram()
      .Name(name)
      .Help(help)
      .Register(state_->registry)
      .Add(labels, buckets);
  });
}

std::uint64_t metrics::add(collector read) {
  auto guard = std::lock_guard{state_->mutex};
  auto id = state_->next_id++;
  state_->collectors.emplace(id, std::move(read));
  return id;
}

void metrics::remove(std::uint64_t id) {
  auto guard = std::lock_guard{state_->mutex};
  state_->collectors.erase(id);
}

std::string metrics::text(telemetry::families more) const {
  auto all = state_->registry.Collect();
  auto guard = std::lock_guard{state_->mutex};
  for (const auto& [id, read] : state_->collectors)
    for (auto& family : read())
      merge(all, to_prometheus(std::move(family)));
  for (auto& family : more)
    merge(all, to_prometheus(std::move(family)));
  auto result = std::ostringstream{};
  prometheus::TextSerializer{}.Serialize(result, all);
  return std::move(result).str();
}

} // namespace stravasync::telemetry
