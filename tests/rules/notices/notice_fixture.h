// A desk with an order's thread on it, and who is told what there.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "common/rules/notices/chat_rules.h"
#include "common/rules/notices/notice_records.h"
#include "common/rules/notices/notice_rules.h"
#include "common/rules/notices/notice_table.h"
#include "makegood/notifications/v1/records.pb.h"
#include "tests/rules/notices/notice_samples.h"
#include "tests/support/rules_support.h"
#include "tests/support/status_matchers.h"

namespace makegood::notices_test {

using events::v1::Event;
using notifications::v1::ChatMessage;
using notifications::v1::Notice;
using notifications::v1::ThreadHead;
using testing::At;
using testing::Auditor;
using testing::Customer;
using testing::Desk;
using ::testing::ElementsAre;
using testing::Employee;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::IsOk;
using testing::MakeActor;
using testing::NamesField;
using testing::Operations;
using testing::RefusedBy;
using testing::SampleFor;
using testing::Service;
using ::testing::SizeIs;
using testing::StatusIs;
using ::testing::UnorderedElementsAre;

// The texts, read once for all tests.
inline const rules::Texts& Texts() {
  static const rules::Texts* const texts = new rules::Texts(*rules::Texts::Shipped());
  return *texts;
}

// An event about order o-77 under a policy.
inline Event About(Event event, const std::string& marketplace, absl::Time time,
                   const std::string& event_id) {
  event.set_event_id(event_id);
  *event.mutable_time() = rules::ToTimestamp(time);
  event.mutable_policy()->set_marketplace(marketplace);
  event.mutable_policy()->set_version(testing::ShippedVersion(marketplace));
  event.set_order_id("o-77");
  event.set_merchant_id("m-1");
  event.set_customer_id("c-1001");
  return event;
}

class NoticeRulesTest : public ::testing::Test {
 protected:
  absl::Status React(const Event& event) {
    return desk_.As(Service()).Decide(
        [&](rules::Transaction& tx) { return rules::ReactToEvent(Texts(), event, tx); });
  }
  Event Now(Event event, const std::string& marketplace = "mall", const std::string& event_id = "evt-1") {
    return About(std::move(event), marketplace, desk_.now(), event_id);
  }
  void OrderComesIn(const std::string& language = "cs", bool imported = false,
                    const std::string& marketplace = "mall") {
    Event created;
    created.mutable_order_created()->set_language(language);
    created.mutable_order_created()->set_customer_contact_id("con-1");
    created.set_imported(imported);
    ASSERT_THAT(React(Now(created, marketplace, "evt-0")), IsOk());
  }
  // What stands in the order's thread, by text's template.
  std::vector<std::string> Told(Notice::Recipient recipient, base::v1::Channel channel) {
    std::vector<std::string> told;
    for (const Notice& notice : desk_.All<Notice>()) {
      if (notice.recipient() == recipient && notice.channel() == channel)
        told.push_back(notice.template_name());
    }
    return told;
  }
  // The customer's.
  Notice OnlyNotice(base::v1::Channel channel) {
    std::vector<Notice> found;
    for (const Notice& notice : desk_.All<Notice>()) {
      if (notice.channel() == channel && notice.recipient() == Notice::RECIPIENT_CUSTOMER)
        found.push_back(notice);
    }
    EXPECT_THAT(found, SizeIs(1));
    return found.empty() ? Notice() : found.front();
  }
  static Event Cancelled(base::v1::CancelReason reason) {
    Event event;
    event.mutable_order_cancelled()->set_reason(reason);
    event.mutable_order_cancelled()->set_initiator(base::v1::INITIATOR_MERCHANT);
    return event;
  }

  Desk desk_{At("2026-09-01T10:00+02:00")};
};

inline constexpr Notice::Recipient kCustomer = Notice::RECIPIENT_CUSTOMER;
inline constexpr Notice::Recipient kMerchant = Notice::RECIPIENT_MERCHANT;
inline constexpr Notice::Recipient kOperations = Notice::RECIPIENT_OPERATIONS;

}  // namespace makegood::notices_test
