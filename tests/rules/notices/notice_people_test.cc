// Who was told a date hears where it moves (CAL-03).
#include "tests/rules/notices/notice_fixture.h"

namespace makegood::notices_test {
namespace {

TEST_F(NoticeRulesTest, CAL_03_NTF_06_DatesThatMovedAreToldToWhoWasToldThem) {
  OrderComesIn("en", false, "tmall");
  Event settled;
  events::v1::ClaimWindowSettled& window = *settled.mutable_claim_window_settled();
  *window.mutable_window_open_time() = rules::ToTimestamp(At("2026-12-28T00:00+08:00"));
  *window.mutable_window_due_time() = rules::ToTimestamp(At("2027-01-28T00:00+08:00"));
  window.set_announced(true);
  ASSERT_THAT(React(Now(settled, "tmall")), IsOk());
  EXPECT_THAT(desk_.All<Notice>(), IsEmpty()) << "nothing has moved";
  window.set_moved(true);
  window.set_announced(false);
  ASSERT_THAT(React(Now(settled, "tmall", "evt-2")), IsOk());
  EXPECT_THAT(Told(kOperations, base::v1::CHANNEL_EMAIL), ElementsAre("claim_window_moved_operations"));
  EXPECT_THAT(Told(kCustomer, base::v1::CHANNEL_CHAT), IsEmpty());
  window.set_announced(true);
  ASSERT_THAT(React(Now(settled, "tmall", "evt-3")), IsOk());
  EXPECT_THAT(Told(kCustomer, base::v1::CHANNEL_CHAT), ElementsAre("claim_window_moved"));
  EXPECT_THAT(desk_.All<ChatMessage>().at(0).text(), HasSubstr("January 27, 2027"));
  Event limit;
  limit.mutable_resolution_due_settled()->set_moved(true);
  *limit.mutable_resolution_due_settled()->mutable_due_time() =
      rules::ToTimestamp(At("2027-01-23T00:00+08:00"));
  ASSERT_THAT(React(Now(limit, "tmall", "evt-4")), IsOk());
  EXPECT_THAT(Told(kOperations, base::v1::CHANNEL_EMAIL),
              ::testing::Contains("resolution_due_moved_operations"));
}

}  // namespace
}  // namespace makegood::notices_test
