#include "adapters/embedded_bus/embedded_bus.hpp"
#include "messages/error.hpp"
#include "tests/adapters/embedded_bus/log_lines.hpp"
#include "tests/contracts/bus_contract.hpp"
#include "tests/support/scratch_folder.hpp"

#include <stdexcept>

namespace stravasync::test {

namespace {

class embedded_fixture final : public bus_fixture {
public:
  std::shared_ptr<bus> open() override {
    auto result = embedded_bus::open({.path = folder_.file("bus.db")}, log_);
    if (!result)
      throw std::runtime_error(detail_of(result.error()));
    return *result;
  }

private:
  scratch_folder folder_;
  log_lines log_;
};

} // namespace

std::unique_ptr<bus_fixture> make_bus_fixture() {
  return std::make_unique<embedded_fixture>();
}

} // namespace stravasync::test
