#include "adapters/jetstream/faults.hpp"

#include "messages/error.hpp"
#include "messages/text/ascii.hpp"

#include <string>

namespace stravasync::jetstream {

namespace {

/// What is full, and what helps.
std::string when_full(const std::string& stream, const std::string& why) {
  auto what = stream.empty() ? std::string{"JetStream"} : "stream " + stream;
  // "maximum bytes exceeded", "maximum messages exceeded": the stream's own.
  auto bound = why.find("maximum ") != std::string::npos
               && why.find("exceeded") != std::string::npos;
  return what + " is full: " + why
         + (bound ? "; a larger limit (bus." + lower_case(stream)
                      + "_max_bytes) and `stravasync streams apply` help, or "
                        "waiting until old messages are gone"
                  : "; free space where the NATS server stores, or raise its "
                    "max_file_store");
}

} // namespace

caf::error failure_of(natsStatus status, std::string_view subject) {
  auto because = std::string{subject} + ": " + natsStatus_GetText(status);
  switch (status) {
    case NATS_NOT_PERMITTED:
    case NATS_CONNECTION_AUTH_FAILED:
      return make_failure(ec::denied, because);
    case NATS_INVALID_ARG:
    case NATS_INVALID_SUBJECT:
    case NATS_MAX_PAYLOAD:
      return make_failure(ec::invalid_argument, because);
    case NATS_NO_RESPONDERS:
    case NATS_NOT_FOUND:
      return make_failure(ec::not_found, because);
    default: // The library's, and it grows.
      return make_failure(ec::unavailable, because);
  }
}

caf::error failure_of(const json_value& answer) {
  auto error = answer.at("error");
  auto number = error.number("err_code");
  auto why = error.text("description");
  if (why.empty())
    why = "JetStream refused without a reason";
  auto code = ec::unavailable;
  switch (number) {
    case js_error::consumer_not_found:
    case js_error::message_not_found:
    case js_error::stream_not_found:
      code = ec::not_found;
      break;
    case js_error::stream_name_in_use:
    case js_error::subjects_overlap:
    case js_error::wrong_last_sequence:
      code = ec::conflict;
      break;
    case js_error::store_failed: // Of the stream's bound, or of the disk.
    case 10'002:                 // Resource limits of the account.
    case 10'023:                 // Insufficient resources.
    case 10'047:                 // Insufficient storage.
      code = ec::full;
      break;
    case 10'039: // JetStream is not enabled for the account.
      code = ec::denied;
      break;
    default:
      if (auto http = error.number("code"); http >= 400 && http < 500)
        code = ec::invalid_argument;
  }
  if (code == ec::full)
    why = when_full(answer.text("stream"), why);
  return make_failure(code, std::move(why));
}

bool is_missing(const caf::error& why) {
  return code_of(why) == ec::not_found;
}

caf::error connection_lost() {
  return make_failure(ec::unavailable, "the connection to NATS is lost");
}

} // namespace stravasync::jetstream
