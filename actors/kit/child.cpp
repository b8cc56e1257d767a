#include "actors/kit/child.hpp"

#include <caf/exit_reason.hpp>

namespace kit {

bool wants_restart(restart_kind kind, const caf::error& reason) {
  switch (kind) {
    case restart_kind::permanent:
      return true;
    case restart_kind::transient:
      return reason && reason != caf::exit_reason::user_shutdown;
    case restart_kind::temporary:
      return false;
  }
  return false;
}

} // namespace kit
