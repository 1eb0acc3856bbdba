// What was given up, when there is much of it: listed by pages, brought back at one go.

#include "absl/strings/str_cat.h"
#include "tests/store/store_test.h"

namespace makegood::store {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class MuchStuck : public StoreTest {
 protected:
  // Tasks t-<first>… are given up, one a second, in parts that take turns.
  void GiveUp(int first, int count, const std::string& kind) {
    for (int i = first; i < first + count; ++i) {
      clock_.MoveTo(At(i));
      const uint32_t part = static_cast<uint32_t>(i % 5);
      ASSERT_TRUE(Submit(part, [&](rules::Transaction& tx) -> Reply {
                    tx.Schedule(rules::Task{absl::StrCat("t-", i), kind, At(0), "payload"});
                    return "";
                  }).ok());
      ASSERT_TRUE(store_->FailTask(Due(At(0))[0], absl::StrCat("error ", i), absl::InfiniteFuture()).ok());
    }
  }

  // The errors of all pages of `limit`.
  std::vector<std::string> Paged(StuckQuery query) {
    std::vector<std::string> errors;
    while (true) {
      const auto page = store_->ListStuck(query);
      EXPECT_TRUE(page.ok()) << page.status();
      if (!page.ok() || page->empty()) return errors;
      EXPECT_LE(page->size(), static_cast<size_t>(query.limit));
      for (const StuckItem& item : *page) errors.push_back(item.error);
      query.after.emplace(page->back().time, page->back().stuck_id);
    }
  }

  static BulkRetry Bulk(const std::string& kind, int limit, const std::string& request_id) {
    BulkRetry retry;
    retry.which.kind = kind;
    retry.which.limit = limit;
    retry.routing_key = KeyOf(3);
    retry.replay = Replay(request_id, kind);
    retry.reply = [](int64_t retried, int64_t left) { return absl::StrCat(retried, " and ", left); };
    return retry;
  }
};
INSTANTIATE_FOR_EVERY_DRIVER(MuchStuck);

TEST_P(MuchStuck, IsListedByPagesOfAKindOldestFirst) {
  GiveUp(0, 3, "call");
  GiveUp(3, 2, "remind");
  GiveUp(5, 2, "call");
  EXPECT_THAT(Paged({.limit = 2}),
              ElementsAre("error 0", "error 1", "error 2", "error 3", "error 4", "error 5", "error 6"));
  EXPECT_THAT(Paged({.kind = "call", .limit = 2}),
              ElementsAre("error 0", "error 1", "error 2", "error 5", "error 6"));
  EXPECT_THAT(Paged({.kind = "call", .before = At(2)}), ElementsAre("error 0", "error 1"));
  EXPECT_THAT(Paged({.kind = "never heard of"}), IsEmpty());
}

TEST_P(MuchStuck, SYS_02_IsBroughtBackAtOneGoOnceForEachRequest) {
  GiveUp(0, 4, "call");
  GiveUp(4, 1, "remind");
  BulkRetry preview = Bulk("call", 3, "r-1");
  preview.validate_only = true;
  EXPECT_THAT(store_->RetryStuck(preview), IsOkAndHolds("3 and 1"));
  EXPECT_THAT(Stuck(), SizeIs(5)) << "SYS-03";

  EXPECT_THAT(store_->RetryStuck(Bulk("call", 3, "r-1")), IsOkAndHolds("3 and 1"));
  EXPECT_THAT(DueIds(At(0), At(0)), ElementsAre("t-0", "t-1", "t-2"));
  EXPECT_EQ(Due(At(0), At(0))[0].task.payload, "payload");
  EXPECT_THAT(store_->RetryStuck(Bulk("call", 3, "r-1")), IsOkAndHolds("3 and 1")) << "the first reply";
  EXPECT_THAT(Stuck(), SizeIs(2)) << "and no more than it did";
  EXPECT_THAT(store_->RetryStuck(Bulk("remind", 3, "r-2")), IsOkAndHolds("1 and 0"));
  EXPECT_THAT(store_->RetryStuck(Bulk("", 3, "r-3")), IsOkAndHolds("1 and 0"));
  EXPECT_THAT(Stuck(), IsEmpty());

  BulkRetry other = Bulk("call", 3, "r-1");
  other.replay->content = Sha256("other content");
  EXPECT_THAT(store_->RetryStuck(other), StatusIs(absl::StatusCode::kAlreadyExists));
}

TEST_P(MuchStuck, OnlyWhatWasGivenUpBeforeIsBroughtBack) {
  GiveUp(0, 3, "call");
  BulkRetry earlier = Bulk("call", 3, "r-1");
  earlier.which.before = At(1);
  EXPECT_THAT(store_->RetryStuck(earlier), IsOkAndHolds("1 and 0"));
  EXPECT_THAT(Paged({.limit = 9}), ElementsAre("error 1", "error 2"));
}

}  // namespace
}  // namespace makegood::store
