#include "actors/api/records.hpp"
#include "actors/ports/forwarding.hpp"
#include "tests/actors/api/fixture.hpp"

#include <cstdint>

using namespace stravasync;
using test::api_fixture;

namespace {

/// Counts what is asked of `inner`, whatever it is about.
class counting_transaction final : public forwarding_transaction {
public:
  using forwarding_transaction::forwarding_transaction;

  repository<athlete>& athletes() override {
    return ++questions, forwarding_transaction::athletes();
  }

  repository<credential>& credentials() override {
    return ++questions, forwarding_transaction::credentials();
  }

  repository<activity>& activities() override {
    return ++questions, forwarding_transaction::activities();
  }

  repository<absence>& absences() override {
    return ++questions, forwarding_transaction::absences();
  }

  repository<sync_run>& sync_runs() override {
    return ++questions, forwarding_transaction::sync_runs();
  }

  repository<sync_page>& sync_pages() override {
    return ++questions, forwarding_transaction::sync_pages();
  }

  repository<unread_activity>& unread_activities() override {
    return ++questions, forwarding_transaction::unread_activities();
  }

  repository<outbox_message>& outbox() override {
    return ++questions, forwarding_transaction::outbox();
  }

  store_queries& queries() override {
    return ++questions, forwarding_transaction::queries();
  }

  int questions = 0;
};

struct page_of_athletes : api_fixture {
  /// @returns how many questions a page of that many athletes takes.
  int questions_of(std::uint32_t limit) {
    return look([&](transaction& tx) -> caf::expected<int> {
      auto page = tx.athletes().list({.limit = limit});
      if (!page)
        return page.error();
      counting_transaction counting{tx};
      query::v1::AthleteList out;
      if (auto why = describe_athletes(counting, page->items, t0, out))
        return why;
      CHECK(out.items_size() == static_cast<int>(limit));
      return counting.questions;
    });
  }
};

} // namespace

TEST_CASE_METHOD(page_of_athletes,
                 "a page of many athletes asks the store no "
                 "more than a page of one",
                 "[athletes]") {
  for (auto id = 1; id <= 40; ++id)
    add_athlete(id);
  auto of_one = questions_of(1);
  CHECK(of_one > 0);
  CHECK(questions_of(40) == of_one);
}
