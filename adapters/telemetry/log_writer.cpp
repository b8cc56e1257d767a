#include "adapters/telemetry/log_writer.hpp"

#include "adapters/telemetry/repetitions.hpp"

#include <spdlog/logger.h>
#include <spdlog/sinks/ansicolor_sink.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <unistd.h>

#include <mutex>
#include <utility>

namespace stravasync::telemetry {

namespace {

spdlog::level::level_enum level_of(log_level level) {
  switch (level) {
    case log_level::debug:
      return spdlog::level::debug;
    case log_level::info:
      return spdlog::level::info;
    case log_level::warning:
      return spdlog::level::warn;
    case log_level::error:
      return spdlog::level::err;
  }
  return spdlog::level::err;
}

bool wants_json(const log_options& options) {
  switch (options.style) {
    case log_style::json:
      return true;
    case log_style::text:
      return false;
    case log_style::automatic:
      return options.to != nullptr || ::isatty(STDERR_FILENO) == 0;
  }
  return true;
}

spdlog::sink_ptr make_sink(const log_options& options, bool json) {
  if (options.to != nullptr)
    return std::make_shared<spdlog::sinks::ostream_sink_mt>(*options.to, true);
  if (json)
    return std::make_shared<spdlog::sinks::stderr_sink_mt>();
  return std::make_shared<spdlog::sinks::ansicolor_stderr_sink_mt>();
}

class spdlog_writer final : public log_writer {
public:
  explicit spdlog_writer(log_options options)
    : options_{std::move(options)},
      json_{wants_json(options_)},
      logger_{"stravasync", make_sink(options_, json_)},
      repetitions_{{options_.fold_window, options_.burst_of_failures,
                    options_.burst_of_others}} {
    logger_.set_pattern(json_ ? "%v" : "%Y-%m-%d %H:%M:%S.%e %^%-7l%$ %v");
    logger_.set_level(spdlog::level::trace);
    logger_.flush_on(spdlog::level::trace);
  }

  spdlog_writer(const spdlog_writer&) = delete;
  spdlog_writer& operator=(const spdlog_writer&) = delete;

  ~spdlog_writer() override {
    spdlog_writer::flush(true);
  }

  void write(log_level level, std::string_view text,
             std::initializer_list<log_field> fields) override {
    if (level < options_.least)
      return;
    auto entry = make_entry(options_.now(), level, text, fields);
    auto guard = std::lock_guard{mutex_};
    print(repetitions_.add(std::move(entry)));
  }

  void flush(bool all) override {
    auto guard = std::lock_guard{mutex_};
    auto now_ms = options_.now();
    print(all ? repetitions_.drain(now_ms) : repetitions_.due(now_ms));
  }

private:
  void print(const std::vector<log_entry>& entries) {
    for (const auto& entry : entries) {
      auto at = spdlog::log_clock::time_point{
        std::chrono::duration_cast<spdlog::log_clock::duration>(
          std::chrono::milliseconds{entry.at_ms})};
      logger_.log(at, spdlog::source_loc{}, level_of(entry.level),
                  json_ ? to_json(entry, options_.node) : to_text(entry));
    }
  }

  log_options options_;
  bool json_;
  std::mutex mutex_; // Keeps the lines in the order of their counts.
  spdlog::logger logger_;
  repetitions repetitions_;
};

} // namespace

std::unique_ptr<log_writer> make_log(log_options options) {
  return std::make_unique<spdlog_writer>(std::move(options));
}

} // namespace stravasync::telemetry
