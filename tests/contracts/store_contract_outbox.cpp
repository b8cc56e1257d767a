#include "tests/contracts/store_contract.hpp"
#include "tests/contracts/store_samples.hpp"

namespace stravasync::contract {

namespace {

using ids = std::vector<std::int64_t>;

} // namespace

TEST_CASE_METHOD(store_fixture, "outbox rows wait, oldest first, until they "
                                "are marked as sent") {
  auto rows = ids{};
  write([&](transaction& tx) {
    for (auto* name : {"a", "b", "c"})
      rows.push_back(must(tx.outbox().create(make_message(name))));
  });
  auto waiting = [&](std::uint32_t limit) {
    auto result = ids{};
    for (const auto& row :
         ask([&](auto& tx) { return tx.queries().unsent(limit); }))
      result.push_back(row.id);
    return result;
  };
  CHECK(waiting(10) == rows);
  CHECK(waiting(2) == ids{rows[0], rows[1]});
  write(
    [&](transaction& tx) { must(tx.queries().mark_sent(ids{rows[1]}, 500)); });
  CHECK(waiting(10) == ids{rows[0], rows[2]});
}

TEST_CASE_METHOD(store_fixture, "outbox rows of some streams are passed over") {
  write([&](transaction& tx) {
    for (auto* subject : {"jobs.a.1", "events.a.1", "dlq.a", "jobs.a.2"}) {
      auto row = make_message(subject);
      row.subject = subject;
      must(tx.outbox().create(row));
    }
  });
  auto waiting = [&](std::vector<std::string_view> except) {
    std::vector<std::string> result;
    for (const auto& row :
         ask([&](auto& tx) { return tx.queries().unsent(2, except); }))
      result.push_back(row.subject);
    return result;
  };
  using subjects = std::vector<std::string>;
  CHECK(waiting({}) == subjects{"jobs.a.1", "events.a.1"});
  CHECK(waiting({"jobs.>"}) == subjects{"events.a.1", "dlq.a"});
  CHECK(waiting({"events.>", "dlq.>"}) == subjects{"jobs.a.1", "jobs.a.2"});
  CHECK(waiting({"dlq.>", "events.>", "ingest.>", "jobs.>"}).empty());
}

TEST_CASE_METHOD(store_fixture, "outbox rows that are set aside are neither "
                                "waiting nor sent until they are taken up "
                                "again") {
  auto rows = ids{};
  auto waiting = [&] {
    return ask([](auto& tx) { return tx.queries().unsent(9); }).size();
  };
  write([&](transaction& tx) {
    for (auto* name : {"a", "b", "c"})
      rows.push_back(must(tx.outbox().create(make_message(name))));
    must(tx.queries().mark_sent(ids{rows[0], rows[1]}, -100));
    must(tx.queries().mark_sent(ids{rows[2]}, 100));
    must(tx.queries().purge_sent(101));
  });
  CHECK(waiting() == 0);
  CHECK(ask([](auto& tx) { return tx.outbox().list({}); }).items.size() == 2);
  write([&](transaction& tx) {
    CHECK(must(tx.queries().take_up_again()) == 2);
    CHECK(must(tx.queries().take_up_again()) == 0);
  });
  CHECK(waiting() == 2);
}

TEST_CASE_METHOD(store_fixture, "sent outbox rows are kept until they are old "
                                "enough, waiting ones for ever") {
  auto rows = ids{};
  write([&](transaction& tx) {
    for (auto* name : {"a", "b", "c"})
      rows.push_back(must(tx.outbox().create(make_message(name))));
    must(tx.queries().mark_sent(ids{rows[0]}, 100));
    must(tx.queries().mark_sent(ids{rows[1]}, 200));
    // A second ack does not make it younger.
    must(tx.queries().mark_sent(ids{rows[0]}, 900));
    must(tx.queries().purge_sent(200));
  });
  auto left = ask([](auto& tx) { return tx.outbox().list({}); });
  REQUIRE(left.items.size() == 2);
  CHECK(left.items[0].id == rows[1]);
  CHECK(left.items[0].sent_at_ms == 200);
  CHECK(left.items[1].id == rows[2]);
}

TEST_CASE_METHOD(store_fixture, "of sent outbox rows the one with the highest "
                                "sequence is known, and those of a stream "
                                "wait again") {
  auto rows = ids{};
  write([&](transaction& tx) {
    for (auto* subject : {"jobs.a.1", "jobs.a.2", "jobs.a.3", "events.a.1"}) {
      auto row = make_message(subject);
      row.subject = subject;
      row.id = must(tx.outbox().create(row));
      rows.push_back(row.id);
      row.sent_at_ms = 500;
      row.sent_sequence = row.subject == "jobs.a.3" ? 0 : 40 + row.id;
      must(tx.outbox().update(row));
    }
  });
  auto last = [&](std::string_view subjects) {
    return ask([&](auto& tx) { return tx.queries().last_sent(subjects); });
  };
  REQUIRE(last("jobs.>"));
  CHECK(last("jobs.>")->id == rows[1]);
  CHECK(last("jobs.>")->sent_sequence == 40 + rows[1]);
  CHECK(last("events.>")->id == rows[3]);
  CHECK_FALSE(last("ingest.>"));
  write([&](transaction& tx) {
    CHECK(must(tx.queries().send_again("jobs.>")) == 3);
    CHECK(must(tx.queries().send_again("jobs.>")) == 0);
  });
  CHECK(ask([](auto& tx) { return tx.queries().unsent(9); }).size() == 3);
  CHECK_FALSE(last("jobs.>"));
  CHECK(last("events.>"));
}

TEST_CASE_METHOD(store_fixture, "one holder at a time has the turn to send, "
                                "until it leaves it or is late") {
  auto take = [this](std::string_view holder, unix_ms now_ms) {
    auto taken = false;
    write([&](transaction& tx) {
      taken = must(tx.queries().take_turn(holder, now_ms, now_ms + 100));
    });
    return taken;
  };
  auto leave = [this](std::string_view holder) {
    write([&](transaction& tx) { must(tx.queries().leave_turn(holder)); });
  };
  CHECK(take("a", 1'000));
  CHECK_FALSE(take("b", 1'050));
  CHECK(take("a", 1'050));
  CHECK_FALSE(take("b", 1'149));
  leave("b");
  CHECK_FALSE(take("b", 1'149));
  leave("a");
  CHECK(take("b", 1'149));
  CHECK_FALSE(take("a", 1'150));
  CHECK(take("a", 1'249));
}

TEST_CASE_METHOD(store_fixture, "the turn of a clock that was far ahead is "
                                "nobody's") {
  auto take = [this](std::string_view holder, unix_ms now_ms) {
    auto taken = false;
    write([&](transaction& tx) {
      taken = must(tx.queries().take_turn(holder, now_ms, now_ms + 100));
    });
    return taken;
  };
  CHECK(take("ahead", 86'400'000));
  CHECK(take("b", 1'000));
  CHECK_FALSE(take("c", 1'000));
}

} // namespace stravasync::contract
