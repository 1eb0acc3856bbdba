// Lists of what is open: of several states, by due time, in every order, in pages; held against a plain
// filter.

#include <algorithm>
#include <random>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tests/store/store_test.h"

namespace makegood::store {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// `due` in seconds; below 0: never.
struct Row {
  std::string id;
  int64_t seconds;
  std::string order;
  std::string merchant;
  std::string customer;
  std::string state;
  std::string queue;
  int64_t due;
};

class UrgentLists : public StoreTest {
 protected:
  void Put(const Row& row, const std::string& text = "") {
    Note note = NoteOf(row.id, text);
    note.set_order_id(row.order);
    note.set_merchant_id(row.merchant);
    note.set_customer_id(row.customer);
    note.set_group(row.state);
    note.set_open_at(row.queue);
    *note.mutable_place() = rules::ToTimestamp(At(row.seconds));
    if (row.due >= 0) *note.mutable_due() = rules::ToTimestamp(At(row.due));
    const Reply reply = Submit(static_cast<uint32_t>(row.seconds % 7), [&](rules::Transaction& tx) -> Reply {
      RETURN_IF_ERROR(tx.Find<Note>(row.id).status());
      Note written = note;
      tx.Put(written);
      return "";
    });
    ASSERT_TRUE(reply.ok()) << reply.status();
  }

  RecordPage Page(const ListQuery& query) {
    const auto page = Read<RecordPage>([&](Reader& reader) { return reader.List(query); });
    EXPECT_TRUE(page.ok()) << page.status();
    return page.value_or(RecordPage());
  }

  // The ids of all pages of at most `limit` records, each begun where the one before ended.
  std::vector<std::string> Ids(ListQuery query, int limit = 1000) {
    query.limit = limit;
    std::vector<std::string> ids;
    while (ids.size() < 1000) {
      const RecordPage page = Page(query);
      EXPECT_LE(page.records.size(), static_cast<size_t>(limit));
      for (const rules::StoredRecord& record : page.records) ids.push_back(record.key.id);
      if (!page.more) return ids;
      if (page.records.empty()) break;
      query.after = query.PlaceOf(page.records.back());
    }
    ADD_FAILURE() << "the list does not end";
    return ids;
  }

  static ListQuery Notes(ListOrder order = ListOrder::kMostUrgentFirst) {
    ListQuery query;
    query.kind = "note";
    query.order = order;
    return query;
  }
};
INSTANTIATE_FOR_EVERY_DRIVER(UrgentLists);

TEST_P(UrgentLists, TheMostUrgentComesFirstWhatIsNeverDueLastAndWhatIsDoneNotAtAll) {
  Put({"n-1", 1, "", "m-1", "", "LOOKING", "east", 30});
  Put({"n-2", 2, "", "m-1", "", "PAYING", "west", 10});
  Put({"n-3", 3, "", "m-2", "", "LOOKING", "west", 20});
  Put({"n-4", 4, "", "m-2", "", "LOOKING", "east", -1});
  Put({"n-5", 5, "", "m-2", "", "PAID", "", 5});
  Put({"n-6", 6, "", "m-1", "", "PAYING", "east", 20});
  EXPECT_THAT(Ids(Notes()), ElementsAre("n-2", "n-3", "n-6", "n-1", "n-4"));
  EXPECT_THAT(Ids(Notes(), 1), ElementsAre("n-2", "n-3", "n-6", "n-1", "n-4"));
}

TEST_P(UrgentLists, WhatIsDueBeforeATimeIsOpenAndHasADueTime) {
  Put({"n-1", 1, "o-1", "m-1", "c-1", "LOOKING", "east", 10});
  Put({"n-2", 2, "o-1", "m-1", "c-1", "LOOKING", "east", 20});
  Put({"n-3", 3, "o-1", "m-1", "c-1", "LOOKING", "east", -1});
  Put({"n-4", 4, "o-1", "m-1", "c-1", "LOOKING", "", 5});
  for (const ListOrder order :
       {ListOrder::kNewestFirst, ListOrder::kOldestFirst, ListOrder::kMostUrgentFirst}) {
    for (const int filter : {0, 1, 2, 3}) {
      ListQuery query = Notes(order);
      if (filter == 1) query.order_id = "o-1";
      if (filter == 2) query.merchant_id = "m-1";
      if (filter == 3) query.customer_id = "c-1";
      query.due_before = At(10);
      EXPECT_THAT(Ids(query), IsEmpty());
      query.due_before = At(10) + absl::Microseconds(1);
      EXPECT_THAT(Ids(query), ElementsAre("n-1"));
      query.due_before = absl::InfiniteFuture();
      EXPECT_THAT(Ids(query), ::testing::UnorderedElementsAre("n-1", "n-2"));
      query.due_before = absl::InfinitePast();
      EXPECT_THAT(Ids(query), IsEmpty());
    }
  }
}

TEST_P(UrgentLists, AStateGivenTwiceIsListedOnce) {
  Put({"n-1", 1, "o-1", "m-1", "c-1", "LOOKING", "east", 10});
  for (const ListOrder order : {ListOrder::kNewestFirst, ListOrder::kMostUrgentFirst}) {
    ListQuery query = Notes(order);
    query.groups = {"LOOKING", "PAYING", "LOOKING"};
    EXPECT_THAT(Ids(query), ElementsAre("n-1"));
    query.order_id = "o-1";
    EXPECT_THAT(Ids(query), ElementsAre("n-1"));
  }
}

TEST_P(UrgentLists, ARecordIsListedByTheDueTimeItHasNow) {
  Put({"n-1", 1, "", "", "", "LOOKING", "east", 10});
  Put({"n-2", 2, "", "", "", "LOOKING", "east", 20});
  Put({"n-1", 1, "", "", "", "PAYING", "east", 30});
  EXPECT_THAT(Ids(Notes()), ElementsAre("n-2", "n-1"));
  Put({"n-2", 2, "", "", "", "PAID", "", 20});
  Reopen();
  EXPECT_THAT(Ids(Notes()), ElementsAre("n-1"));
}

// What a query must find, told from the rows alone.
std::vector<std::string> Expected(const std::vector<Row>& rows, const ListQuery& query) {
  const std::set<std::string> states(query.groups.begin(), query.groups.end());
  std::vector<Row> found;
  for (const Row& row : rows) {
    const absl::Time due = row.due < 0 ? absl::InfiniteFuture() : At(row.due);
    if (!query.order_id.empty() && row.order != query.order_id) continue;
    if (!query.merchant_id.empty() && row.merchant != query.merchant_id) continue;
    if (!query.customer_id.empty() && row.customer != query.customer_id) continue;
    if (!states.empty() && states.count(row.state) == 0) continue;
    if (At(row.seconds) < query.from || At(row.seconds) >= query.until) continue;
    const bool urgent = query.order == ListOrder::kMostUrgentFirst;
    if ((urgent || query.due_before.has_value()) && row.queue.empty()) continue;
    if (!query.open_at.empty() && row.queue != query.open_at) continue;
    if (query.due_before.has_value() && due >= *query.due_before) continue;
    found.push_back(row);
  }
  std::sort(found.begin(), found.end(), [&query](const Row& a, const Row& b) {
    constexpr int64_t kNever = 1'000'000;
    const auto place = [&query](const Row& row) {
      const int64_t due = row.due < 0 ? kNever : row.due;
      return std::pair(query.order == ListOrder::kMostUrgentFirst ? due : row.seconds, row.id);
    };
    return query.order == ListOrder::kNewestFirst ? place(b) < place(a) : place(a) < place(b);
  });
  std::vector<std::string> ids;
  for (const Row& row : found) ids.push_back(row.id);
  return ids;
}

std::string Told(const ListQuery& query) {
  return absl::StrCat(query.order_id, "/", query.merchant_id, "/", query.customer_id, " ",
                      absl::StrJoin(query.groups, ","), " ", static_cast<int>(query.order), " ",
                      absl::FormatTime(query.from), " ", absl::FormatTime(query.until), " ",
                      absl::FormatTime(query.due_before.value_or(absl::InfinitePast())), " ", query.open_at);
}

TEST_P(UrgentLists, EveryFilterInEveryOrderAndInPagesFindsWhatAPlainOneFinds) {
  std::mt19937 random(7);
  const auto one_of = [&random](std::vector<std::string> words) { return words[random() % words.size()]; };
  std::vector<Row> rows;
  for (int i = 10; i < 90; ++i) {
    const bool open = random() % 3 > 0;
    // Many of the same instant and the same due time.
    rows.push_back({absl::StrCat("n-", i), static_cast<int64_t>(random() % 20), one_of({"o-1", "o-2", ""}),
                    one_of({"m-1", "m-2", ""}), one_of({"c-1", "c-2", ""}),
                    one_of({"LOOKING", "PAYING", "PAID", ""}), open ? one_of({"east", "west"}) : "",
                    static_cast<int64_t>(random() % 12) - 2});
    Put(rows.back());
  }
  const std::vector<std::vector<std::string>> states = {{}, {"PAYING"}, {"PAYING", "LOOKING"}, {"NONE"}};
  for (const ListOrder order :
       {ListOrder::kNewestFirst, ListOrder::kOldestFirst, ListOrder::kMostUrgentFirst}) {
    for (int filters = 0; filters < 128; ++filters) {
      ListQuery query = Notes(order);
      if ((filters & 1) != 0) query.order_id = "o-1";
      if ((filters & 2) != 0) query.merchant_id = "m-1";
      if ((filters & 4) != 0) query.customer_id = "c-1";
      query.groups = states[static_cast<size_t>(filters) % 8 / 2];
      if ((filters & 8) != 0) query.from = At(5);
      if ((filters & 16) != 0) query.until = At(15);
      if ((filters & 32) != 0) query.due_before = At(6);
      if ((filters & 64) != 0) query.open_at = "east";
      const std::vector<std::string> expected = Expected(rows, query);
      for (const int limit : {1, 3, 1000}) EXPECT_EQ(Ids(query, limit), expected) << Told(query);
    }
    for (const std::vector<std::string>& of : states) {
      for (const std::string merchant : {"", "m-2"}) {
        for (const int64_t due : {-1, 0, 4, 100}) {
          ListQuery query = Notes(order);
          query.groups = of;
          query.merchant_id = merchant;
          if (due >= 0) query.due_before = At(due);
          const std::vector<std::string> expected = Expected(rows, query);
          for (const int limit : {1, 7, 1000}) EXPECT_EQ(Ids(query, limit), expected) << Told(query);
        }
      }
    }
  }
}

TEST_P(UrgentLists, SYS_12_APageOfManyQueuesEndsBeforeItIsTooLargeAndGoesOn) {
  std::vector<std::string> all;
  for (int i = 10; i < 70; ++i) {
    Put({absl::StrCat("n-", i), i, "", "m-1", "", i % 3 == 0 ? "LOOKING" : "PAYING",
         i % 2 == 0 ? "east" : "west", i / 4},
        std::string(i % 7 == 0 ? 30'000 : 2'000, 'x'));
    all.push_back(absl::StrCat("n-", i));
  }
  ListQuery query = Notes();
  query.max_bytes = 10'000;
  EXPECT_EQ(Ids(query), all);
  const RecordPage page = Page(query);
  size_t bytes = 0;
  for (const rules::StoredRecord& record : page.records) bytes += record.data.size();
  EXPECT_LE(bytes, query.max_bytes);
}

}  // namespace
}  // namespace makegood::store
