#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace prometheus {
class Counter;
class Gauge;
class Histogram;
} // namespace prometheus

/// @file
/// Measurements for Prometheus. Names and label names are the caller's
/// constants and must be valid (letters, digits and _, not a digit first), and
/// one name stays with one kind: anything else is a bug, asserted; in release
/// builds such a metric counts nothing.

namespace stravasync::telemetry {

/// Label values may hold anything.
using label_map = std::map<std::string, std::string>;

/// Handles are cheap to copy, thread-safe, and valid as long as their registry.
class counter {
public:
  counter() = default; // Counts nothing.

  explicit counter(prometheus::Counter& of) : of_{&of} {
  }

  /// Ignores what is negative.
  void add(double by = 1);

private:
  prometheus::Counter* of_ = nullptr;
};

class gauge {
public:
  gauge() = default;

  explicit gauge(prometheus::Gauge& of) : of_{&of} {
  }

  void set(double value);
  void add(double by);

private:
  prometheus::Gauge* of_ = nullptr;
};

class histogram {
public:
  histogram() = default;

  explicit histogram(prometheus::Histogram& of) : of_{&of} {
  }

  void observe(double value);

private:
  prometheus::Histogram* of_ = nullptr;
};

/// What a collector tells: values read at the moment of the scrape.
struct sample_family {
  enum class kind : std::uint8_t { counter, gauge };
  struct sample {
    label_map labels;
    double value = 0;
  };

  std::string name;
  std::string help;
  kind is = kind::gauge;
  std::vector<sample> samples;
};

using families = std::vector<sample_family>;

using collector = std::function<families()>;

/// Seconds, for what takes from 100 us to 30 s.
[[nodiscard]] std::span<const double> duration_bounds();

/// What a text in Prometheus's exposition format is served as.
inline constexpr auto metrics_content_type
  = std::string_view{"text/plain; version=0.0.4; charset=utf-8"};

/// A registry. Thread-safe.
class metrics {
public:
  metrics();
  metrics(const metrics&) = delete;
  metrics& operator=(const metrics&) = delete;
  ~metrics();

  /// The same name and labels give the same counter.
  [[nodiscard]] counter
  counter_of(const std::string& name, const std::string& help,
             const label_map& labels = {});

  [[nodiscard]] gauge gauge_of(const std::string& name, const std::string& help,
                               const label_map& labels = {});

  /// @param bounds Ascending upper bounds; the same for all labels of a name.
  [[nodiscard]] histogram
  histogram_of(const std::string& name, const std::string& help,
               std::span<const double> bounds, const label_map& labels = {});

  /// Calls `read` at each scrape, on the scraping thread; it must not block.
  /// @returns an id for `remove`.
  std::uint64_t add(collector read);

  /// After it returns, the collector is neither running nor called again.
  void remove(std::uint64_t id);

  /// @param more What no collector tells.
  /// @returns everything in Prometheus's text format, each name once.
  [[nodiscard]] std::string text(families more = {}) const;

private:
  struct state;
  std::unique_ptr<state> state_;
};

/// @returns what the kernel knows of this process: memory, processor time, open
/// files, threads, start; the names that Prometheus's own clients use.
[[nodiscard]] std::vector<sample_family> process_families();

} // namespace stravasync::telemetry
