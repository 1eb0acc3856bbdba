// Credit notes and the time they are due in, with the service's own timers (RFD-05).
#include "tests/services/payments_fixture.h"

namespace makegood::services {
namespace {

using payments::v1::CreditNote;
using payments::v1::PaymentsService;

TEST_F(PaymentsServiceTest, RFD_05_ALateCreditNoteIsMarkedByItsTimer) {
  const Order order = MakeOrder("o-1");
  Announce(Created(order));
  Announce(Delivered(order));
  events::v1::Event numbered = EventAbout(order);
  numbered.set_case_id("correction-1");
  numbered.mutable_correction_numbered()->set_return_number("R-4711");
  Announce(numbered);
  CreditNote asked;
  const auto is_asked_for = [&] {
    payments::v1::ListCreditNotesRequest list;
    list.set_order_id("o-1");
    const auto notes = Call(&PaymentsService::Stub::ListCreditNotes, Operations(), list);
    if (!notes.ok() || notes->credit_notes_size() != 1) return false;
    asked = notes->credit_notes(0);
    return true;
  };
  ASSERT_TRUE(Eventually(is_asked_for)) << WhatIsStuck();
  EXPECT_FALSE(asked.overdue());
  clock_.MoveTo(rules::ToTime(asked.due_time()));
  EXPECT_TRUE(Eventually([&] { return is_asked_for() && asked.overdue(); })) << WhatIsStuck();
}

}  // namespace
}  // namespace makegood::services
