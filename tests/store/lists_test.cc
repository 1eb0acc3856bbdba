// Lists: by every column, in both orders, in pages and ranges of time.

#include <stdexcept>

#include "absl/strings/str_cat.h"
#include "tests/store/store_test.h"

namespace makegood::store {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class Lists : public StoreTest {
 protected:
  void Put(uint32_t part, const Note& note) {
    const Reply reply = Submit(part, [&](rules::Transaction& tx) -> Reply {
      ASSIGN_OR_RETURN(const std::optional<Note> before, tx.Find<Note>(note.note_id()));
      Note written = note;
      tx.Put(written);
      return "";
    });
    ASSERT_TRUE(reply.ok()) << reply.status();
  }

  // A note of second `seconds`, with columns as given.
  void Put(uint32_t part, absl::string_view id, int64_t seconds, absl::string_view order,
           absl::string_view merchant, absl::string_view customer, absl::string_view state) {
    Note note = NoteOf(id);
    note.set_order_id(std::string(order));
    note.set_merchant_id(std::string(merchant));
    note.set_customer_id(std::string(customer));
    note.set_group(std::string(state));
    *note.mutable_place() = rules::ToTimestamp(At(seconds));
    Put(part, note);
  }

  // Six notes in different parts; n-2 and n-3 are of the same moment.
  void PutSix() {
    Put(1, "n-1", 10, "o-1", "m-1", "c-1", "OPEN");
    Put(2, "n-3", 20, "o-2", "m-1", "c-2", "SHIPPED");
    Put(3, "n-2", 20, "o-1", "m-1", "c-1", "OPEN");
    Put(4, "n-4", 30, "o-1", "m-2", "c-1", "SHIPPED");
    Put(5, "n-5", 40, "o-1", "m-1", "c-2", "");
    Put(6, "n-6", 50, "", "", "", "OPEN");
  }

  absl::StatusOr<std::vector<rules::StoredRecord>> List(const ListQuery& query) {
    return Read<std::vector<rules::StoredRecord>>(
        [&](Reader& reader) -> absl::StatusOr<std::vector<rules::StoredRecord>> {
          ASSIGN_OR_RETURN(RecordPage page, reader.List(query));
          return std::move(page.records);
        });
  }

  std::vector<std::string> Ids(const ListQuery& query) {
    const auto records = List(query);
    EXPECT_TRUE(records.ok()) << records.status();
    std::vector<std::string> ids;
    if (records.ok()) {
      for (const rules::StoredRecord& record : *records) ids.push_back(record.key.id);
    }
    return ids;
  }

  static ListQuery Notes() {
    ListQuery query;
    query.kind = "note";
    query.order = ListOrder::kOldestFirst;
    return query;
  }
};
INSTANTIATE_FOR_EVERY_DRIVER(Lists);

TEST_P(Lists, EveryColumnGivenMustMatchAndEmptyOnesAreNoFilter) {
  PutSix();
  struct Case {
    std::string order, merchant, customer, state;
    std::vector<std::string> ids;
  };
  const std::vector<Case> cases = {
      {"", "", "", "", {"n-1", "n-2", "n-3", "n-4", "n-5", "n-6"}},
      {"", "", "", "OPEN", {"n-1", "n-2", "n-6"}},
      {"", "", "c-1", "", {"n-1", "n-2", "n-4"}},
      {"", "", "c-1", "SHIPPED", {"n-4"}},
      {"", "m-1", "", "", {"n-1", "n-2", "n-3", "n-5"}},
      {"", "m-1", "", "OPEN", {"n-1", "n-2"}},
      {"", "m-1", "c-2", "", {"n-3", "n-5"}},
      {"", "m-1", "c-2", "SHIPPED", {"n-3"}},
      {"o-1", "", "", "", {"n-1", "n-2", "n-4", "n-5"}},
      {"o-1", "", "", "OPEN", {"n-1", "n-2"}},
      {"o-1", "", "c-1", "", {"n-1", "n-2", "n-4"}},
      {"o-1", "", "c-1", "OPEN", {"n-1", "n-2"}},
      {"o-1", "m-2", "", "", {"n-4"}},
      {"o-1", "m-1", "", "OPEN", {"n-1", "n-2"}},
      {"o-1", "m-1", "c-2", "", {"n-5"}},
      {"o-1", "m-1", "c-1", "OPEN", {"n-1", "n-2"}},
      {"o-9", "", "", "", {}},
  };
  for (const Case& one : cases) {
    ListQuery query = Notes();
    query.order_id = one.order;
    query.merchant_id = one.merchant;
    query.customer_id = one.customer;
    if (!one.state.empty()) query.groups = {one.state};
    const std::string columns = absl::StrCat(one.order, "/", one.merchant, "/", one.customer, "/", one.state);
    EXPECT_EQ(Ids(query), one.ids) << columns;

    query.order = ListOrder::kNewestFirst;
    EXPECT_EQ(Ids(query), std::vector<std::string>(one.ids.rbegin(), one.ids.rend())) << columns;

    // In pages of one, each begun where the last one ended.
    for (const bool newest_first : {false, true}) {
      query.order = newest_first ? ListOrder::kNewestFirst : ListOrder::kOldestFirst;
      query.limit = 1;
      query.after.reset();
      std::vector<std::string> paged;
      while (paged.size() <= one.ids.size()) {
        const auto page = List(query);
        ASSERT_TRUE(page.ok()) << page.status();
        if (page->empty()) break;
        ASSERT_THAT(*page, SizeIs(1));
        paged.push_back(page->front().key.id);
        query.after.emplace(page->front().columns.place, page->front().key.id);
      }
      if (newest_first) std::reverse(paged.begin(), paged.end());
      EXPECT_EQ(paged, one.ids) << columns << " in pages";
    }
  }
}

TEST_P(Lists, ATimeRangeBeginsAtFromAndEndsBeforeUntil) {
  PutSix();
  for (const std::string merchant : {"", "m-1"}) {
    ListQuery query = Notes();
    query.merchant_id = merchant;
    query.from = At(20);
    query.until = At(40);
    const std::vector<std::string> ids = merchant.empty() ? std::vector<std::string>{"n-2", "n-3", "n-4"}
                                                          : std::vector<std::string>{"n-2", "n-3"};
    EXPECT_EQ(Ids(query), ids);
    query.order = ListOrder::kNewestFirst;
    EXPECT_EQ(Ids(query), std::vector<std::string>(ids.rbegin(), ids.rend()));
    // A page begins inside the range, however far outside `after` lies.
    query.after.emplace(At(1000), "n-9");
    EXPECT_EQ(Ids(query), std::vector<std::string>(ids.rbegin(), ids.rend()));
    query.order = ListOrder::kOldestFirst;
    query.after.emplace(At(0), "");
    EXPECT_EQ(Ids(query), ids);
    query.until = At(20);
    EXPECT_THAT(Ids(query), IsEmpty());
  }
}

TEST_P(Lists, ARecordIsFoundByItsNewColumnsAndNotByItsOld) {
  Put(1, "n-1", 10, "o-1", "m-1", "c-1", "OPEN");
  Put(1, "n-1", 99, "o-2", "m-2", "c-2", "SHIPPED");
  ListQuery query = Notes();
  query.groups = {"OPEN"};
  EXPECT_THAT(Ids(query), IsEmpty());
  query = Notes();
  query.order_id = "o-1";
  EXPECT_THAT(Ids(query), IsEmpty());
  query.order_id = "o-2";
  query.merchant_id = "m-2";
  query.customer_id = "c-2";
  query.groups = {"SHIPPED"};
  query.from = At(99);
  EXPECT_THAT(Ids(query), ElementsAre("n-1"));
}

TEST_P(Lists, AnotherKindIsNeverListed) {
  PutSix();
  ListQuery query = Notes();
  query.kind = "order";
  EXPECT_THAT(Ids(query), IsEmpty());
}

TEST_P(Lists, ListedRecordsAreWhole) {
  Put(1, "n-1", 10, "o-1", "m-1", "c-1", "OPEN");
  const auto records = List(Notes());
  ASSERT_TRUE(records.ok()) << records.status();
  ASSERT_THAT(*records, SizeIs(1));
  const auto stored = Stored(1, "n-1");
  ASSERT_TRUE(stored.has_value());
  EXPECT_EQ(records->front().key, stored->key);
  EXPECT_EQ(records->front().version, 1);
  EXPECT_EQ(records->front().columns, stored->columns);
  EXPECT_EQ(records->front().data, stored->data);
}

// Every note once, in order, whichever page it came in.
TEST_P(Lists, SYS_12_APageEndsBeforeItIsTooLargeAndGoesOn) {
  const std::vector<std::string> states = {"OPEN", "SHIPPED", ""};
  std::vector<std::string> all;
  for (int i = 10; i < 70; ++i) {
    Note note = NoteOf(absl::StrCat("n-", i), std::string(i % 7 == 0 ? 30'000 : 2'000, 'x'));
    note.set_merchant_id("m-1");
    note.set_group(states[static_cast<size_t>(i % 5) % 3]);
    *note.mutable_place() = rules::ToTimestamp(At(i / 2));
    Put(static_cast<uint32_t>(i % 4), note);
    all.push_back(note.note_id());
  }
  for (const bool newest_first : {false, true}) {
    ListQuery query = Notes();
    query.merchant_id = "m-1";
    query.order = newest_first ? ListOrder::kNewestFirst : ListOrder::kOldestFirst;
    query.max_bytes = 10'000;
    std::vector<std::string> paged;
    bool more = true;
    while (more && paged.size() <= all.size()) {
      const auto page = Read<RecordPage>([&](Reader& reader) { return reader.List(query); });
      ASSERT_TRUE(page.ok()) << page.status();
      ASSERT_FALSE(page->records.empty());
      size_t bytes = 0;
      for (const rules::StoredRecord& record : page->records) {
        bytes += record.data.size();
        paged.push_back(record.key.id);
      }
      EXPECT_TRUE(bytes <= query.max_bytes || page->records.size() == 1) << bytes;
      query.after.emplace(page->records.back().columns.place, page->records.back().key.id);
      more = page->more;
    }
    if (newest_first) std::reverse(paged.begin(), paged.end());
    EXPECT_EQ(paged, all);
  }
}

TEST_P(Lists, ALimitOutsideOneToAThousandIsInvalid) {
  ListQuery query = Notes();
  for (const int limit : {-1, 0, 1001}) {
    query.limit = limit;
    EXPECT_THAT(List(query), StatusIs(absl::StatusCode::kInvalidArgument)) << limit;
  }
  query.limit = 1000;
  EXPECT_TRUE(List(query).ok());
  query.kind.clear();
  EXPECT_THAT(List(query), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_P(Lists, AReadThatThrowsTakesNoReaderAway) {
  const auto fail = [] { throw std::runtime_error("the secret of the accident"); };
  for (int times = 0; times < 8; ++times) store_->Read([&](const absl::StatusOr<Reader*>&) { fail(); });
  const absl::Status thrown = ReadNow(*store_, [&](Reader&) {
    fail();
    return absl::OkStatus();
  });
  EXPECT_EQ(thrown.code(), absl::StatusCode::kInternal);
  EXPECT_EQ(thrown.message().find("secret"), absl::string_view::npos);
  EXPECT_TRUE(ReadNow(*store_, [](Reader&) { return absl::OkStatus(); }).ok());
}

}  // namespace
}  // namespace makegood::store
