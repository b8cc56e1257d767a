#include "adapters/sqlite/sqlite_store.hpp"
#include "tests/contracts/store_contract.hpp"
#include "tests/support/scratch_folder.hpp"

namespace stravasync::contract {

namespace {

class sqlite_store final : public store_under_test {
public:
  sqlite_store() {
    must(sqlite::migrate({.path = path_, .create = true}));
  }

  store_opener opener() override {
    return [path = path_] { return sqlite::open_session({.path = path}); };
  }

private:
  scratch_folder folder_;
  std::string path_ = folder_.file("store.db");
};

} // namespace

std::unique_ptr<store_under_test> make_store_under_test() {
  return std::make_unique<sqlite_store>();
}

} // namespace stravasync::contract
