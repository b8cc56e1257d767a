#include "adapters/strava_sim/simulator.hpp"

#include "adapters/http/server.hpp"
#include "adapters/strava_sim/delay_line.hpp"
#include "adapters/strava_sim/service.hpp"

#include <utility>

namespace stravasync::strava_sim {

namespace {

/// Longer than any client waits.
constexpr auto hang_time = std::chrono::minutes{5};

/// The head and half of the body of an answer.
std::string torn(const http::response& what) {
  auto result = "HTTP/1.1 " + std::to_string(what.status) + " OK\r\n"
                + "Content-Type: " + what.content_type + "\r\n"
                + "Content-Length: " + std::to_string(what.body.size())
                + "\r\n";
  for (const auto& [name, value] : what.headers)
    result.append(name).append(": ").append(value).append("\r\n");
  result += "\r\n";
  return result + what.body.substr(0, what.body.size() / 2);
}

void carry_out(reply what, http::responder& to) {
  switch (what.how) {
    case reply::way::answer:
      to.send(std::move(what.response));
      break;
    case reply::way::cut:
      to.abort(torn(what.response));
      break;
    case reply::way::close:
    case reply::way::hang:
      to.abort();
      break;
  }
}

class running_simulator final : public simulator {
public:
  running_simulator(std::unique_ptr<service> answers,
                    std::chrono::milliseconds latency)
    : answers_{std::move(answers)},
      latency_{latency} {
  }

  ~running_simulator() override {
    delayed_.finish();
  }

  caf::error listen(const std::vector<std::string>& addresses, log& log) {
    auto options = http::server_options{};
    options.listen = addresses;
    options.answer_timeout = std::chrono::milliseconds{0};
    auto server = http::start_server(
      std::move(options),
      [this](http::request what, std::shared_ptr<http::responder> to) {
        handle(what, std::move(to));
      },
      log);
    if (!server)
      return server.error();
    server_ = std::move(*server);
    return caf::none;
  }

  std::vector<std::string> addresses() const override {
    return server_->addresses();
  }

  void stop(std::chrono::milliseconds deadline) override {
    delayed_.finish();
    server_->stop(deadline);
  }

private:
  void handle(const http::request& what, std::shared_ptr<http::responder> to) {
    auto result = answers_->answer(what);
    auto delay = std::chrono::milliseconds{0};
    if (result.how == reply::way::hang)
      delay = hang_time;
    else if (result.delayed)
      delay = latency_;
    if (delay.count() == 0) {
      carry_out(std::move(result), *to);
      return;
    }
    delayed_.add(delay, [result = std::move(result), to = std::move(to)] {
      carry_out(result, *to);
    });
  }

  std::unique_ptr<service> answers_;
  std::chrono::milliseconds latency_;
  delay_line delayed_;
  // Ends before what its handler uses.
  std::unique_ptr<http::server> server_;
};

} // namespace

caf::expected<std::unique_ptr<simulator>>
start(simulator_options options, log& log) {
  auto listen = options.listen;
  auto latency = options.latency;
  auto answers = service::make(std::move(options), log);
  if (!answers)
    return answers.error();
  auto result = std::make_unique<running_simulator>(std::move(*answers),
                                                    latency);
  if (auto problem = result->listen(listen, log))
    return problem;
  return std::unique_ptr<simulator>{std::move(result)};
}

} // namespace stravasync::strava_sim
