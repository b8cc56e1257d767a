#pragma once

#include "actors/ports/store.hpp"
#include "messages/error.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

/// @file
/// What every store must do is in the `store_contract_*.cpp` files. An adapter
/// is tested by linking them with a definition of `make_store_under_test`.

namespace stravasync::contract {

/// An empty database with the current schema, removed at its end.
class store_under_test {
public:
  virtual ~store_under_test() = default;

  [[nodiscard]] virtual store_opener opener() = 0;
};

/// Defined by each adapter's test program.
[[nodiscard]] std::unique_ptr<store_under_test> make_store_under_test();

/// @returns the value; an error ends the test with the error's text.
template <class T>
T must(caf::expected<T> result) {
  auto failure = result ? std::string{} : detail_of(result.error());
  REQUIRE(failure == "");
  return std::move(*result);
}

/// Ends the test if this is an error.
inline void must(const caf::error& result) {
  REQUIRE(detail_of(result) == "");
}

/// @returns the error, if it is one; to end a transaction with it.
template <class T>
caf::error error_in(const caf::expected<T>& result) {
  return result ? caf::error{} : result.error();
}

/// @returns the code of what should be an error.
template <class T>
ec failure_in(const caf::expected<T>& result) {
  return result ? ec::none : code_of(result.error());
}

/// One session on an empty store.
struct store_fixture {
  std::unique_ptr<store_under_test> store = make_store_under_test();
  std::unique_ptr<store_session> session = must(store->opener()());

  /// Runs `work`, which returns nothing, in a transaction that must commit.
  void write(const std::function<void(transaction&)>& work) {
    must(session->write([&](transaction& tx) {
      work(tx);
      return caf::error{};
    }));
  }

  void read(const std::function<void(transaction&)>& work) {
    must(session->read([&](transaction& tx) {
      work(tx);
      return caf::error{};
    }));
  }

  /// @returns what one question answers, in a transaction of its own.
  template <class Question>
  auto ask(Question question) {
    using type = std::invoke_result_t<Question, transaction&>;
    auto answer = type{caf::error{}};
    read([&](transaction& tx) { answer = question(tx); });
    return must(std::move(answer));
  }
};

} // namespace stravasync::contract
