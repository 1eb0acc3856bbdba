// What is open: counted by queue and state, whatever else there is.

#include "absl/strings/str_cat.h"
#include "tests/store/store_test.h"

namespace makegood::store {

// For messages of failed tests.
static void PrintTo(const OpenWork& open, std::ostream* out) {
  *out << open.open_at << " " << open.group << " " << open.count << " " << open.overdue << " " << open.oldest;
}

namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::IsEmpty;

class Open : public StoreTest {
 protected:
  // `due` in seconds; below 0: never.
  void Put(uint32_t part, const std::string& id, int64_t seconds, const std::string& queue,
           const std::string& state, int64_t due = -1) {
    const Reply reply = Submit(part, [&](rules::Transaction& tx) -> Reply {
      ASSIGN_OR_RETURN(const std::optional<Note> before, tx.Find<Note>(id));
      Note note = before.value_or(NoteOf(id));
      note.set_open_at(queue);
      note.set_group(state);
      *note.mutable_place() = rules::ToTimestamp(At(seconds));
      note.clear_due();
      if (due >= 0) *note.mutable_due() = rules::ToTimestamp(At(due));
      tx.Put(note);
      return "";
    });
    ASSERT_TRUE(reply.ok()) << reply.status();
  }

  std::vector<OpenWork> Count(absl::Time now, const std::string& kind = "note") {
    const auto open =
        Read<std::vector<OpenWork>>([&](Reader& reader) { return reader.CountOpen(kind, now); });
    EXPECT_TRUE(open.ok()) << open.status();
    return open.value_or(std::vector<OpenWork>());
  }
};

auto Is(const std::string& queue, const std::string& state, int64_t count, int64_t overdue, int64_t oldest) {
  return AllOf(Field(&OpenWork::open_at, queue), Field(&OpenWork::group, state),
               Field(&OpenWork::count, count), Field(&OpenWork::overdue, overdue),
               Field(&OpenWork::oldest, At(oldest)));
}

TEST_P(Open, NothingIsOpenInANewStore) { EXPECT_THAT(Count(At(0)), IsEmpty()); }

TEST_P(Open, RecordsAreCountedOverAllPartsByQueueAndState) {
  Put(1, "n-1", 30, "east", "LOOKING");
  Put(2, "n-2", 10, "east", "LOOKING");
  Put(3, "n-3", 20, "east", "PAYING");
  Put(4, "n-4", 40, "west", "PAYING");
  Put(5, "n-5", 5, "", "PAYING");  // in no queue
  EXPECT_THAT(Count(At(100)), ElementsAre(Is("east", "LOOKING", 2, 0, 10), Is("east", "PAYING", 1, 0, 20),
                                          Is("west", "PAYING", 1, 0, 40)));
  EXPECT_THAT(Count(At(100), "letter"), IsEmpty());
}

TEST_P(Open, WhatIsDueByThenIsOverdue) {
  Put(1, "n-1", 1, "east", "LOOKING", 10);
  Put(2, "n-2", 2, "east", "LOOKING", 20);
  Put(3, "n-3", 3, "east", "LOOKING");
  EXPECT_THAT(Count(At(10) - absl::Microseconds(1)), ElementsAre(Is("east", "LOOKING", 3, 0, 1)));
  EXPECT_THAT(Count(At(10)), ElementsAre(Is("east", "LOOKING", 3, 1, 1)));
  EXPECT_THAT(Count(At(20)), ElementsAre(Is("east", "LOOKING", 3, 2, 1)));
  EXPECT_THAT(Count(absl::InfiniteFuture()), ElementsAre(Is("east", "LOOKING", 3, 2, 1)));
}

TEST_P(Open, ARecordThatMovesIsCountedWhereItIsNow) {
  Put(1, "n-1", 1, "east", "LOOKING", 10);
  Put(1, "n-1", 1, "east", "PAYING", 30);
  EXPECT_THAT(Count(At(20)), ElementsAre(Is("east", "PAYING", 1, 0, 1)));
  Put(1, "n-1", 1, "east", "PAYING", 15);
  EXPECT_THAT(Count(At(20)), ElementsAre(Is("east", "PAYING", 1, 1, 1)));
  Reopen();
  EXPECT_THAT(Count(At(20)), ElementsAre(Is("east", "PAYING", 1, 1, 1)));
  Put(1, "n-1", 1, "", "PAID");
  EXPECT_THAT(Count(At(20)), IsEmpty());
}

INSTANTIATE_FOR_EVERY_DRIVER(Open);

}  // namespace
}  // namespace makegood::store
